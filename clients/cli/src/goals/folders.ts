import { existsSync, realpathSync } from 'node:fs';
import path from 'node:path';

/** The folder and those above it up to the git root, each also with its symbolic links resolved. Outside a repository: the folder alone. */
export function foldersUpToRoot(cwd: string): readonly string[] {
  const folders = [...new Set([path.resolve(cwd), real(cwd)])].flatMap(chain);
  return [...new Set(folders)];
}

function chain(start: string): string[] {
  const folders = [start];
  for (let folder = start; !existsSync(path.join(folder, '.git'));) {
    const above = path.dirname(folder);
    if (above === folder) return [start];
    folder = above;
    folders.push(folder);
  }
  return folders;
}

function real(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return path.resolve(folder);
  }
}
