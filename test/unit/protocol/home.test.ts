import { homePaths } from '@goald/protocol';
import { describe, expect, it } from 'vitest';

const cwd = '/srv';

describe('a home in one folder', () => {
  const expected = {
    config: '/h/config.json',
    database: '/h/goald.db',
    lock: '/h/lock.db',
    token: '/h/token',
    socket: '/h/goald.sock',
    serviceFile: '/h/service.json',
    logs: '/h/logs',
    worktrees: '/h/worktrees',
    backups: '/h/backups',
    state: '/h',
  };

  it('--home puts everything there', () => {
    expect(homePaths({ home: '/h', env: {}, cwd })).toEqual(expected);
  });

  it('GOALD_HOME does the same', () => {
    expect(homePaths({ env: { GOALD_HOME: '/h', HOME: '/home/ada' }, cwd })).toEqual(expected);
  });

  it('--home wins over GOALD_HOME; an empty one does not count', () => {
    const env = { GOALD_HOME: '/other' };
    expect(homePaths({ home: '/h', env, cwd }).state).toBe('/h');
    expect(homePaths({ home: '', env, cwd }).state).toBe('/other');
  });

  it('a relative one is taken from the working folder', () => {
    expect(homePaths({ home: 'h', env: {}, cwd }).token).toBe('/srv/h/token');
  });
});

describe('without one', () => {
  it('the usual XDG places under HOME', () => {
    expect(homePaths({ env: { HOME: '/home/ada' }, cwd })).toEqual({
      config: '/home/ada/.config/goald/config.json',
      database: '/home/ada/.local/state/goald/goald.db',
      lock: '/home/ada/.local/state/goald/lock.db',
      token: '/home/ada/.local/state/goald/token',
      socket: '/home/ada/.local/state/goald/goald.sock',
      serviceFile: '/home/ada/.local/state/goald/service.json',
      logs: '/home/ada/.local/state/goald/logs',
      worktrees: '/home/ada/.local/share/goald/worktrees',
      backups: '/home/ada/.local/state/goald/backups',
      state: '/home/ada/.local/state/goald',
    });
  });

  it('each XDG variable moves its part', () => {
    const paths = homePaths({
      env: {
        HOME: '/home/ada',
        XDG_CONFIG_HOME: '/c',
        XDG_STATE_HOME: '/s',
        XDG_DATA_HOME: '/d',
        XDG_RUNTIME_DIR: '/r',
      },
      cwd,
    });
    expect(paths).toMatchObject({
      config: '/c/goald/config.json',
      database: '/s/goald/goald.db',
      socket: '/r/goald/goald.sock',
      worktrees: '/d/goald/worktrees',
    });
  });

  it('a relative XDG folder is ignored, as the specification asks', () => {
    const paths = homePaths({ env: { HOME: '/home/ada', XDG_STATE_HOME: 'state' }, cwd });
    expect(paths.state).toBe('/home/ada/.local/state/goald');
  });

  it('without HOME it says what to set', () => {
    expect(() => homePaths({ env: {}, cwd })).toThrow(/GOALD_HOME.*--home.*HOME/);
  });
});
