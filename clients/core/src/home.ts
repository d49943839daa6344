import { homePaths, type HomePaths } from '@goald/protocol';

/** Which daemon is meant: one a home. */
export interface HomeOptions {
  /** Folder of the daemon (as `--home`). Default: GOALD_HOME, else the XDG folders. */
  readonly home?: string | undefined;
  /** Environment to look in, and to start the daemon with. Default: that of this process. */
  readonly env?: Readonly<Record<string, string | undefined>> | undefined;
  /** Folder a relative `home` starts from. Default: that of this process. */
  readonly cwd?: string | undefined;
}

/** The paths of the home that `options` name. */
export function pathsOf(options: HomeOptions): HomePaths {
  return homePaths({
    home: options.home,
    env: options.env ?? process.env,
    cwd: options.cwd ?? process.cwd(),
  });
}
