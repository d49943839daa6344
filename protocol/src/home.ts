import { posix as path } from 'node:path';

/** Where one daemon keeps its things. All paths are absolute. */
export interface HomePaths {
  readonly config: string;
  readonly database: string;
  readonly lock: string;
  readonly token: string;
  readonly socket: string;
  readonly serviceFile: string;
  readonly logs: string;
  readonly worktrees: string;
  /** Backups of the database. */
  readonly backups: string;
  /** Folder of the database and what belongs to it; `codexHome` on the wire. */
  readonly state: string;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * The layout of a home, the same for daemon and clients. `home` (the --home flag) wins over GOALD_HOME, which wins over XDG.
 * Reads nothing from disk. A relative `home` is resolved against `cwd`. Throws when neither a home nor HOME is known.
 */
export function homePaths(options: {
  home?: string | undefined;
  env: Environment;
  cwd: string;
}): HomePaths {
  const single = nonEmpty(options.home) ?? nonEmpty(options.env['GOALD_HOME']);
  if (single !== undefined) {
    const root = path.resolve(options.cwd, single);
    return layout({ config: root, state: root, runtime: root, data: root });
  }
  const user = nonEmpty(options.env['HOME']);
  if (user === undefined) {
    throw new Error('No home folder: set GOALD_HOME, pass --home DIR, or set HOME.');
  }
  const xdg = (name: string, fallback: string): string =>
    path.join(absolute(options.env[name]) ?? path.join(user, fallback), 'goald');
  const state = xdg('XDG_STATE_HOME', '.local/state');
  const runtimeDir = absolute(options.env['XDG_RUNTIME_DIR']);
  return layout({
    config: xdg('XDG_CONFIG_HOME', '.config'),
    state,
    runtime: runtimeDir === undefined ? state : path.join(runtimeDir, 'goald'),
    data: xdg('XDG_DATA_HOME', '.local/share'),
  });
}

/** Names a home by its state folder: 16 hexadecimal digits (FNV-1a). The processes of a daemon's agents carry it, as GOALD_OWNER. */
export function homeId(state: string): string {
  let hash = 0xcbf29ce484222325n;
  for (const character of state) {
    hash ^= BigInt(character.codePointAt(0) ?? 0);
    hash = BigInt.asUintN(64, hash * 0x100000001b3n);
  }
  return hash.toString(16).padStart(16, '0');
}

function layout(dirs: { config: string; state: string; runtime: string; data: string }): HomePaths {
  return {
    config: path.join(dirs.config, 'config.json'),
    database: path.join(dirs.state, 'goald.db'),
    lock: path.join(dirs.state, 'lock.db'),
    token: path.join(dirs.state, 'token'),
    socket: path.join(dirs.runtime, 'goald.sock'),
    serviceFile: path.join(dirs.state, 'service.json'),
    logs: path.join(dirs.state, 'logs'),
    worktrees: path.join(dirs.data, 'worktrees'),
    backups: path.join(dirs.state, 'backups'),
    state: dirs.state,
  };
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value;
}

// The XDG specification says that relative paths in these variables are to be ignored.
function absolute(value: string | undefined): string | undefined {
  return value?.startsWith('/') === true ? value : undefined;
}
