import type { ViewRule } from '@goald/server/engine/ports/view-rules.js';
import { seatbeltProfile } from '@goald/server/workspace/sandbox/seatbelt.js';
import { describe, expect, it } from 'vitest';

type Operation = 'file-read*' | 'file-write*';

/** What sandbox-exec decides by a profile: the last rule that names the operation and the place, else the default. */
function decides(profile: string, operation: Operation, path: string): 'allow' | 'deny' {
  let decision: 'allow' | 'deny' = 'deny';
  for (const line of profile.split('\n')) {
    const rule = /^\((allow|deny) (file-[^(]*)\(subpath "(.*)"\)\)$/u.exec(line);
    if (rule?.[2]?.includes(operation) !== true) continue;
    const place = (rule[3] ?? '').replaceAll(/\\(.)/gu, '$1');
    const isInside = path === place || path.startsWith(place === '/' ? '/' : `${place}/`);
    if (isInside) decision = rule[1] as 'allow' | 'deny';
  }
  return decision;
}

const RULES: readonly ViewRule[] = [
  { path: '/', access: 'read' },
  { path: '/Users/ann', access: 'scratch' },
  { path: '/Users/ann/.nvm', access: 'read' },
  { path: '/Users/ann/.npm', access: 'write', source: '/state/private/t/npm' },
  { path: '/Users/ann/project', access: 'write' },
  { path: '/Users/ann/project/.git', access: 'read' },
  { path: '/state/token', access: 'none' },
];

describe('the profile of sandbox-exec', () => {
  const profile = seatbeltProfile({ rules: RULES, network: false });

  it('denies what no rule allows', () => {
    expect(profile.startsWith('(version 1)\n(deny default)\n')).toBe(true);
  });

  it.each<[Operation, string, 'allow' | 'deny']>([
    ['file-read*', '/usr/bin/env', 'allow'],
    ['file-write*', '/usr/bin/env', 'deny'],
    ['file-read*', '/Users/ann/.ssh/id', 'deny'],
    ['file-write*', '/Users/ann/.zshrc', 'deny'],
    ['file-read*', '/Users/ann/.nvm/node', 'allow'],
    ['file-write*', '/Users/ann/.nvm/node', 'deny'],
    ['file-write*', '/Users/ann/.npm/x', 'deny'],
    ['file-write*', '/state/private/t/npm/x', 'allow'],
    ['file-write*', '/Users/ann/project/a.ts', 'allow'],
    ['file-read*', '/Users/ann/project/.git/config', 'allow'],
    ['file-write*', '/Users/ann/project/.git/config', 'deny'],
    ['file-write*', '/Users/ann/project/.github/x', 'allow'],
    ['file-write*', '/Users/ann/projects/a.ts', 'deny'],
    ['file-read*', '/state/token', 'deny'],
  ])('%s of %s: %s', (operation, path, decision) => {
    expect(decides(profile, operation, path)).toBe(decision);
  });

  it('lets commands reach their own machine only, unless the network is allowed, and no Unix socket in either case', () => {
    const open = seatbeltProfile({ rules: RULES, network: true });
    expect(profile).not.toContain('(allow network*)');
    expect(profile).toContain('(allow network-outbound (remote ip "localhost:*"))');
    expect(open).toContain('(allow network*)');
    for (const text of [profile, open]) {
      expect(text.trimEnd().split('\n').at(-1)).toBe(
        '(deny network-outbound (remote unix-socket))',
      );
    }
  });

  it('takes a path for a path, whatever stands in it', () => {
    const path = '/Users/ann/a")) (allow default) ((\\';
    const text = seatbeltProfile({ rules: [{ path, access: 'write' }], network: false });
    expect(text).toContain('(subpath "/Users/ann/a\\")) (allow default) ((\\\\")');
    expect(decides(text, 'file-write*', `${path}/x`)).toBe('allow');
    expect(decides(text, 'file-write*', '/Users/ann/b')).toBe('deny');
  });
});
