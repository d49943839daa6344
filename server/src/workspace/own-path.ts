import { delimiter } from 'node:path';

/**
 * PATH without the folders that belong to a project, which `npx` and `npm start` put there: what an agent writes there in its sandbox must not
 * be what the daemon, or a command outside of that sandbox, runs as git or bash.
 */
export function ownPath(path: string | undefined): string {
  const folders = (path ?? '/usr/bin:/bin').split(delimiter);
  return folders
    .filter((folder) => folder.startsWith('/') && !/\/node_modules\/\.bin\/*$/u.test(folder))
    .join(delimiter);
}
