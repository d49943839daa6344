import { describe, expect, it } from 'vitest';
import { rightsSection } from '@goald/server/agent/context/rights-section.js';
import { TokenCounter } from '@goald/server/agent/context/token-counter.js';
import { unconfined, type Confinement } from '@goald/server/engine/ports/confinement.js';

const CWD = '/home/ada/project';
const WRITE: Confinement = {
  mode: 'workspace-write',
  network: false,
  writableRoots: [CWD],
  writableGit: false,
  cwd: CWD,
  owner: 'thread',
};

function section(confinement: Confinement | null, approvals = 'never' as const): string {
  return rightsSection({ confinement, approvals });
}

describe('what the model is told of its rights', () => {
  it('names the mode, what can be written and that git cannot', () => {
    const told = section(WRITE);
    expect(told).toContain('Sandbox: workspace-write. Files can be changed in the folder and');
    expect(told).toContain('nothing can be committed');
    expect(section({ ...WRITE, writableGit: true })).not.toContain('committed');
    expect(section({ ...WRITE, mode: 'read-only', writableRoots: [] })).toContain(
      'Sandbox: read-only. No file can be changed',
    );
    expect(section(unconfined(CWD, 'thread'))).toContain('No sandbox (danger-full-access)');
  });

  it('names further roots, up to a dozen', () => {
    const roots = Array.from({ length: 20 }, (_, n) => `/srv/root-${String(n)}`);
    const told = section({ ...WRITE, writableRoots: [CWD, ...roots] });
    expect(told).toContain('in the folder, in /srv/root-0, ');
    expect(told).toContain('/srv/root-11 and 8 more');
    expect(told).not.toContain('/srv/root-12');
  });

  it('says whether there is a network, and how a server is used without one', () => {
    expect(section(WRITE)).toContain('start a server and use it in the same command');
    expect(section({ ...WRITE, network: true })).toContain('Commands may use the network.');
  });

  it('says who is asked, and what to do when something is refused', () => {
    const asked = (['never', 'on-request', 'untrusted'] as const).map((approvals) =>
      rightsSection({ confinement: WRITE, approvals }),
    );
    expect(new Set(asked).size).toBe(3);
    for (const told of asked) expect(told).toContain('do not look for a way round it');
  });

  it('says so where what was asked for cannot be had', () => {
    expect(section(null)).toContain('no command is run');
  });

  it('takes under 200 tokens', async () => {
    const counter = new TokenCounter();
    await counter.load();
    expect(
      counter.count(rightsSection({ confinement: WRITE, approvals: 'untrusted' })),
    ).toBeLessThan(200);
  });
});
