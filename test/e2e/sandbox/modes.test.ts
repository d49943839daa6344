import { mkdtemp, readFile, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { notifications, requests, type SandboxMode } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { goalCommand } from '../../helpers/goal-command.js';
import { goalSetup, QUICK } from '../../helpers/goal-setup.js';
import { byProgress, says } from '../../helpers/model-server/index.js';
import { ApiWorld } from '../api/support/api-world.js';
import { CLAIM, input, runs } from '../api/support/scripts.js';

let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start();
});
afterAll(() => world[Symbol.asyncDispose]());

const OUTSIDE = 'echo x > ../outside.$(basename "$PWD") || echo refused';

async function trace(repository: string): Promise<string | null> {
  const name = repository.split('/').at(-1) ?? '';
  return readFile(join(repository, '..', `outside.${name}`), 'utf8').catch(() => null);
}

describe('what is in force', () => {
  it('is workspace-write where nobody said anything, for the shell and for verification', async () => {
    const place = await world.place(byProgress(runs(OUTSIDE), CLAIM));
    await place.setGoal({
      objective: 'Get out.',
      verification: [{ name: 'out', command: OUTSIDE }],
    });
    expect(await place.stopped()).toMatchObject({ status: 'complete', sandbox: null });
    expect(JSON.stringify(place.asked()[1]?.body['input'])).toContain('refused');
    expect(await trace(place.repository)).toBeNull();
  });

  it.each(['goal', 'thread', 'turn'])('is danger-full-access where the %s says so', async (who) => {
    const place = await world.place(byProgress(runs(OUTSIDE), CLAIM));
    const { threadId } = place;
    const free = { sandbox: 'danger-full-access' } as const;
    if (who === 'thread') await world.ws.request(requests.threadResume, { threadId, ...free });
    if (who === 'turn') {
      await world.ws.request(requests.turnStart, {
        threadId,
        input: input('Get out.'),
        goalMode: true,
        sandboxPolicy: { type: 'dangerFullAccess' },
      });
    } else await place.setGoal({ objective: 'Get out.', ...(who === 'goal' ? free : {}) });
    await place.stopped();
    expect(await trace(place.repository)).toBe('x\n');
    const { sandbox } = await world.ws.request(requests.threadResume, { threadId });
    expect(sandbox.type).toBe('dangerFullAccess');
  });

  it('is told with the thread, roots and network as they were asked for', async () => {
    const place = await world.place(() => says('Yes.'));
    const { threadId } = place;
    const roots = { writableRoots: [world.home], networkAccess: true };
    await world.ws.request(requests.turnStart, {
      threadId,
      input: input('Hi.'),
      sandboxPolicy: { type: 'workspaceWrite', ...roots },
    });
    const { sandbox } = await world.ws.request(requests.threadResume, { threadId });
    expect(sandbox).toMatchObject({ type: 'workspaceWrite', ...roots });
  });

  it('confines the tools that run in the daemon, too', async () => {
    const place = await world.place(
      byProgress(
        tools([
          ['read_file', { path: join(world.home, 'token') }],
          ['read_file', { path: 'link' }],
          ['list_files', { path: world.home }],
          ['search', { pattern: '.', path: world.home }],
          ['read_file', { path: '/proc/self/status' }],
          ['apply_patch', { patch: patchOf('.git/hooks/post-checkout') }],
          ['apply_patch', { patch: patchOf('.goald/config.json') }],
        ]),
        CLAIM,
      ),
    );
    await symlink(join(world.home, 'token'), join(place.repository, 'link'));
    await place.setGoal({ objective: 'Get out.' });
    await place.stopped();
    const text = JSON.stringify(place.asked()[1]?.body['input']);
    expect(text).not.toContain(await world.daemon.token());
    expect(text.match(/does not exist/gu)).toHaveLength(5);
    expect(text.match(/sandbox \(workspace-write\) does not allow changing/gu)).toHaveLength(2);
  });

  it('in read-only lets nothing be changed by a patch', async () => {
    const place = await world.place(
      byProgress(tools([['apply_patch', { patch: patchOf('new.txt') }]]), CLAIM),
    );
    await place.setGoal({ objective: 'Change it.', sandbox: 'read-only' });
    await place.stopped();
    const text = JSON.stringify(place.asked()[1]?.body['input']);
    expect(text).toContain('The sandbox (read-only) does not allow changing new.txt');
  });
});

function patchOf(path: string): string {
  return `*** Begin Patch\n*** Add File: ${path}\n+x\n*** End Patch`;
}

function tools(calls: readonly (readonly [string, object])[]) {
  return { toolCalls: calls.map(([name, args]) => ({ name, arguments: args })) };
}

describe('on a machine that can enforce no sandbox', () => {
  async function unable(sandbox: SandboxMode | 'auto' = 'auto') {
    const bin = await mkdtemp(join(world.home, 'bin-'));
    for (const [name, path] of [
      ['bash', '/bin/bash'],
      ['sh', '/bin/sh'],
      ['basename', '/usr/bin/basename'],
      ['node', process.execPath],
    ] as const) {
      await symlink(path, join(bin, name));
    }
    const setup = await goalSetup({
      script: byProgress(runs(OUTSIDE), CLAIM),
      config: { ...QUICK, sandbox: { mode: sandbox } },
    });
    const model = { OPENAI_BASE_URL: setup.model.url, OPENAI_API_KEY: 'sk-test' };
    await setup.restart({ env: { ...model, PATH: bin } });
    return setup;
  }

  it('commands run freely where nobody asked for a mode, and everyone is told', async () => {
    await using setup = await unable();
    const { threadId, client, repository, home } = setup;
    const told = /without a sandbox, with your own rights: bubblewrap is not installed\. Install/u;
    expect(setup.daemon.printed).toMatch(told);
    const { sandbox, sandboxNotice } = await client.request(requests.threadResume, { threadId });
    expect(sandbox).toEqual({ type: 'dangerFullAccess' });
    expect(sandboxNotice).toMatch(told);
    const args = ['run', 'Get out.', '--yes', '--wait'];
    const { err, out } = await goalCommand({ home, cwd: repository }, ...args);
    expect(err).toMatch(told);
    expect(await trace(repository), out + err).toBe('x\n');
  });

  it('a mode that is asked for is refused, whoever asks', async () => {
    await using setup = await unable();
    const { threadId, client, repository: cwd } = setup;
    const asked = [
      () => client.request(requests.threadStart, { cwd, sandbox: 'read-only' }),
      () => client.request(requests.threadResume, { threadId, sandbox: 'workspace-write' }),
      () =>
        client.request(requests.turnStart, {
          threadId,
          input: input('Hi.'),
          sandboxPolicy: { type: 'readOnly' },
        }),
      () => setup.setGoal({ objective: 'x', sandbox: 'workspace-write' }),
    ];
    for (const ask of asked) {
      await expect(ask()).rejects.toMatchObject({
        rpcCode: -32600,
        data: { code: 'sandbox_unavailable' },
      });
      await expect(ask()).rejects.toThrow('Install bubblewrap');
    }
  });

  it('a goal that the configuration wants confined is blocked, and nothing of it runs', async () => {
    await using setup = await unable('workspace-write');
    await setup.setGoal({ objective: 'Get out.' });
    expect(await setup.stopped()).toMatchObject({
      status: 'blocked',
      statusReason: { code: 'policy', message: expect.stringContaining('Install') as string },
    });
    expect(setup.model.requests).toEqual([]);
  });

  it('a goal that was set where it could be confined does not go on unconfined after a restart', async () => {
    await using setup = await goalSetup({ script: byProgress(runs('sleep 300'), CLAIM) });
    await setup.setGoal({ objective: 'Go on.', sandbox: 'workspace-write' });
    await setup.client.until(notifications.turnStarted);
    await setup.restart({ env: { OPENAI_BASE_URL: setup.model.url, PATH: '/nowhere' } });
    expect(await setup.stopped()).toMatchObject({
      status: 'blocked',
      statusReason: { code: 'policy' },
    });
  });
});
