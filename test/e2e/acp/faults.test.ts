import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { readService, stopDaemon } from '@goald/client';
import type { RequestPermissionRequest } from '@agentclientprotocol/sdk';
import { type ConfigInput, requests } from '@goald/protocol';
import { expect, it } from 'vitest';
import { AcpEditor, type AcpUser } from '../../helpers/acp/acp-editor.js';
import { eventually } from '../../helpers/eventually.js';
import { makeRepository } from '../../helpers/git-repository.js';
import { GOAL } from '../../helpers/goal-command.js';
import { goalSetup, QUICK } from '../../helpers/goal-setup.js';
import {
  byProgress,
  calls,
  says,
  type Script,
  startModelServer,
  toolCall,
} from '../../helpers/model-server/index.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { CLAIM, steps } from '../../helpers/waiting.js';
import { FREE } from './support/acp-world.js';

const CONFIG = { ...QUICK, ...FREE };
const ENDED = { stopReason: 'end_turn' };
const touches = (name: string): ReturnType<typeof calls> =>
  calls(toolCall('shell', { command: `touch ${name}` }));
/** A command that ends when the file `go` is there. */
const HELD = calls(
  toolCall('shell', { command: 'touch held; until test -e go; do sleep 0.05; done' }),
);

interface Alone extends AsyncDisposable {
  readonly home: string;
  readonly repository: string;
  /** What the editor, and so the daemon, has in its environment. */
  readonly env: Readonly<Record<string, string>>;
}

/** A home whose daemon does not run. One that is started later ends with it. */
async function alone(script: Script, config: ConfigInput = CONFIG): Promise<Alone> {
  const folder = await tempFolder();
  const home = join(folder.path, 'h');
  await mkdir(home);
  await writeFile(join(home, 'config.json'), JSON.stringify(config));
  const repository = await makeRepository(join(folder.path, 'repo'), { 'a.txt': 'one\n' });
  const model = await startModelServer({ script });
  return {
    home,
    repository,
    env: { OPENAI_BASE_URL: model.url, OPENAI_API_KEY: 'sk-test' },
    [Symbol.asyncDispose]: async () => {
      await stopDaemon({ home });
      await model[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Kills a home's daemon as a crash would. */
async function crash(home: string): Promise<void> {
  const service = await readService({ home });
  if (service === null) throw new Error('no daemon runs');
  process.kill(service.pid, 'SIGKILL');
}

it('starts the daemon when none runs; a prompt goes on over its crash, and what happened meanwhile is told once', async () => {
  await using place = await alone(steps(touches('one'), HELD, says('Both are there.'), CLAIM));
  await using editor = await AcpEditor.open(place);
  const { home, repository } = place;
  const sessionId = await editor.newSession(repository);
  const open = editor.prompt(sessionId, '/goal Go through a crash.');
  await eventually('the second call runs', () => existsSync(join(repository, 'held')));
  await crash(home);
  await writeFile(join(repository, 'go'), '');
  expect(await open).toEqual(ENDED);
  const said = editor.said(sessionId);
  expect(said.split('**Goal:**')).toHaveLength(2);
  expect(said).toContain('Both are there.');
  expect(said.trimEnd()).toMatch(/> ✓ [^\n]*$/u);
  // Each call is told once and is at its end: `calls` throws where one is told twice.
  const ends = editor.calls(sessionId).map(({ status, rawInput }) => [status, rawInput]);
  expect(ends[0]).toMatchObject(['completed', { command: 'touch one' }]);
  expect(ends[1]).toMatchObject([
    'failed',
    { command: expect.stringContaining('held') as unknown },
  ]);
  expect(ends.map(([status]) => status)).not.toContain('in_progress');
  expect(editor.printed).toBe('');
});

it('a dialog that is open when the daemon dies stays open, is not asked twice, and what is answered then runs once', async () => {
  await using place = await alone(steps(touches('b.txt'), CLAIM), {
    ...CONFIG,
    approvals: { policy: 'untrusted', graceSeconds: 0.2 },
  });
  const asked: RequestPermissionRequest[] = [];
  let allow: () => void = () => undefined;
  const user: AcpUser = {
    permit: (request) => {
      asked.push(request);
      return new Promise((resolve) => {
        allow = () => {
          resolve({ outcome: { outcome: 'selected', optionId: 'accept' } });
        };
      });
    },
  };
  await using editor = await AcpEditor.open({ ...place, user });
  const sessionId = await editor.newSession(place.repository);
  const open = editor.prompt(sessionId, '/goal Make b.txt.');
  await eventually('it is asked', () => asked.length === 1);
  await crash(place.home);
  await editor.heard(sessionId, 'Waits for approval: touch b.txt');
  expect(await open).toEqual(ENDED);
  allow();
  await editor.heard(sessionId, '> ✓');
  expect(asked).toHaveLength(1);
  expect(existsSync(join(place.repository, 'b.txt'))).toBe(true);
});

it('a turn without a goal that a crash cuts short ends its prompt, and says so', async () => {
  await using place = await alone(steps(HELD, says('Here again.')));
  await using editor = await AcpEditor.open(place);
  const sessionId = await editor.newSession(place.repository);
  const open = editor.prompt(sessionId, 'Hold on.');
  await eventually('the call runs', () => existsSync(join(place.repository, 'held')));
  await crash(place.home);
  expect(await open).toEqual(ENDED);
  expect(editor.said(sessionId)).toContain('This turn was cut short.');
  expect(await editor.prompt(sessionId, 'And now?')).toEqual(ENDED);
  expect(editor.said(sessionId)).toContain('Here again.');
});

it('a daemon that was stopped on purpose stays so until the user says something', async () => {
  await using place = await alone(byProgress(says('First.'), says('Second.')));
  await using editor = await AcpEditor.open(place);
  const { home, repository } = place;
  const sessionId = await editor.newSession(repository);
  expect(await editor.prompt(sessionId, 'One.')).toEqual(ENDED);
  expect(await stopDaemon({ home })).not.toBeNull();
  expect(await stopDaemon({ home })).toBeNull();
  expect(await editor.prompt(sessionId, 'Two.')).toEqual(ENDED);
  expect(editor.said(sessionId)).toBe('First.Second.');
});

it('when the editor goes, goal acp ends quietly and the goal goes on; another editor takes it up as it runs', async () => {
  await using setup = await goalSetup({
    script: steps(HELD, says('Almost.'), CLAIM),
    config: CONFIG,
  });
  const cwd = setup.repository;
  let sessionId: string;
  {
    await using first = await AcpEditor.open(setup);
    sessionId = await first.newSession(cwd);
    first.prompt(sessionId, '/goal Outlive the editor.').catch(() => undefined);
    await eventually('the call runs', () => existsSync(join(cwd, 'held')));
    expect(await first.quit()).toBe(0);
    expect(first.printed).toBe('');
  }
  const { goal } = await setup.client.request(requests.threadGoalGet, { threadId: sessionId });
  expect(goal).toMatchObject({ status: 'active' });

  await using second = await AcpEditor.open(setup);
  await second.request('session/load', { sessionId, cwd, mcpServers: [] });
  expect(second.said(sessionId)).toContain('**Goal:** Outlive the editor.');
  expect(second.calls(sessionId)).toMatchObject([{ kind: 'execute', status: 'in_progress' }]);
  await writeFile(join(cwd, 'go'), '');
  await second.heard(sessionId, '> ✓');
  expect(second.said(sessionId)).toContain('Almost.');
  expect(second.calls(sessionId)[0]).toMatchObject({ status: 'completed' });
});

it('a daemon that cannot be started is told with the first session, and goal acp goes on', async () => {
  await using folder = await tempFolder();
  const home = join(folder.path, 'h');
  await mkdir(home);
  await writeFile(join(home, 'config.json'), '{"model": 5}');
  await using editor = await AcpEditor.open({ home });
  for (const _again of [1, 2]) {
    await expect(editor.newSession(folder.path)).rejects.toMatchObject({
      code: -32603,
      message: expect.stringContaining('config.json') as unknown,
      data: { code: 'daemon_failed' },
    });
  }
});

it('where goals are switched off, sessions are conversations all the same', async () => {
  await using setup = await goalSetup({
    script: steps(touches('one'), says('Touched.'), says('Again.')),
    config: { ...CONFIG, features: { goals: false } },
  });
  await using editor = await AcpEditor.open(setup);
  const cwd = setup.repository;
  const sessionId = await editor.newSession(cwd);
  expect(await editor.prompt(sessionId, 'Touch it.')).toEqual(ENDED);
  expect(editor.said(sessionId)).toBe('Touched.');
  expect(editor.calls(sessionId)).toMatchObject([{ status: 'completed' }]);
  expect(await editor.prompt(sessionId, '/goal Touch it again.')).toEqual(ENDED);
  expect(editor.said(sessionId)).toContain('> ✗ ');
  await using second = await AcpEditor.open(setup);
  await second.request('session/load', { sessionId, cwd, mcpServers: [] });
  expect(second.said(sessionId)).toBe('Touched.');
  expect(await second.prompt(sessionId, 'Once more.')).toEqual(ENDED);
  expect(second.said(sessionId)).toContain('Again.');
});

interface Wire {
  readonly jsonrpc: string;
  readonly id?: unknown;
  readonly result?: unknown;
  readonly error?: { readonly code: number; readonly message: string };
}

it('malformed input is answered with JSON-RPC errors, what was asked before the end of input is answered, and stdout has the protocol alone', async () => {
  await using setup = await goalSetup({ script: byProgress() });
  const child = spawn(process.execPath, [GOAL, '--home', setup.home, 'acp'], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const request = (id: number, method: string, params: unknown): string =>
    JSON.stringify({ jsonrpc: '2.0', id, method, params });
  const lines = [
    'this is not JSON',
    request(1, 'session/new', { cwd: setup.repository, mcpServers: [] }),
    request(2, 'initialize', { protocolVersion: 1 }),
    '{"jsonrpc":"2.0","id":3,"method":7}',
    '[]',
    request(4, 'session/nonsense', {}),
    request(5, 'session/new', { cwd: 7 }),
    request(6, 'session/prompt', { sessionId: 'none', prompt: [] }),
    '{"jsonrpc":"2.0","method":"session/cancel","params":{"sessionId":"none"}}',
    '{"jsonrpc":"2.0","method":"session/unknown"}',
    '{"jsonrpc":"2.0","id":99,"result":{}}',
    request(7, 'session/new', { cwd: setup.repository, mcpServers: [] }),
  ];
  child.stdin.end(`${lines.join('\n')}\n`);
  const [out, exit] = await Promise.all([
    text(child.stdout),
    new Promise((resolve) => child.once('exit', resolve)),
  ]);
  expect(exit).toBe(0);
  const answers = out
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Wire);
  expect(answers.every(({ jsonrpc }) => jsonrpc === '2.0')).toBe(true);
  const codes = (id: unknown): unknown[] =>
    answers
      .filter((answer) => 'id' in answer && answer.id === id)
      .map((answer) => answer.error?.code);
  expect(codes(null)).toEqual([-32700, -32600, -32600]);
  expect(codes(1)).toEqual([-32600]);
  expect(codes(2)).toEqual([undefined]);
  expect(codes(4)).toEqual([-32601]);
  expect(codes(5)).toEqual([-32602]);
  expect(codes(6)).toEqual([-32002]);
  expect(answers.find(({ id }) => id === 7)?.result).toMatchObject({
    sessionId: expect.any(String) as unknown,
    modes: { currentModeId: 'chat' },
  });
});
