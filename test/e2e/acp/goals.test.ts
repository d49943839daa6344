import { methods } from '@agentclientprotocol/sdk';
import { requests } from '@goald/protocol';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { byProgress, calls, says, toolCall } from '../../helpers/model-server/index.js';
import { CLAIM, steps } from '../../helpers/waiting.js';
import { AcpWorld } from './support/acp-world.js';

const OBJECTIVE = 'Write the files.\n\n## Verification\n- `test -f two`';
const ENDED = { stopReason: 'end_turn' };

const writes = (name: string): ReturnType<typeof calls> =>
  calls(toolCall('shell', { command: `echo done > ${name}` }));
const ASK = calls(
  toolCall('set_goal', {
    status: 'blocked',
    blocker: { summary: 'The door is locked.', question: 'Where is the key?' },
  }),
);

let world: AcpWorld;
beforeAll(async () => {
  world = await AcpWorld.start();
});
afterAll(() => world[Symbol.asyncDispose]());

it('/goal works turn after turn until goald has verified the goal, and only then is the prompt answered', async () => {
  const { editor } = world;
  const script = byProgress(writes('one'), says('One is there.'), CLAIM, writes('two'), CLAIM);
  const { sessionId, goal } = await world.session(script);
  expect(await editor.prompt(sessionId, `/goal ${OBJECTIVE}`)).toEqual(ENDED);

  expect(await goal()).toMatchObject({ status: 'complete', verified: true });
  const said = editor.said(sessionId);
  expect(said).toContain('> **Goal:** Write the files.');
  expect(said).toContain('One is there.');
  expect(said).toContain('> turn 2');
  expect(said.trimEnd()).toMatch(/> ✓ [^\n]*[Cc]omplete[^\n]*$/u);
  const runs = editor
    .calls(sessionId)
    .filter(({ title }) => title.startsWith('Verification by goald'));
  expect(runs.map(({ status, kind }) => [status, kind])).toEqual([
    ['failed', 'execute'],
    ['completed', 'execute'],
  ]);
});

it('offers its commands once the session is known, by names without a slash', async () => {
  const { editor } = world;
  const { sessionId } = await world.session(byProgress());
  const told = await eventually(
    'the commands',
    () => editor.of(sessionId, 'available_commands_update')[0],
  );
  const names = told.availableCommands.map(({ name }) => name);
  const wanted = ['goal', 'goal-status', 'goal-pause', 'goal-resume', 'goal-clear', 'goal-report'];
  expect(names).toEqual(expect.arrayContaining(wanted));
  expect(told.availableCommands[0]).toMatchObject({
    name: 'goal',
    input: { hint: 'what shall be true in the end' },
  });
});

it('cancelling the prompt of a goal pauses it; /goal-resume takes it up again', async () => {
  const { editor } = world;
  const slow = calls(toolCall('shell', { command: 'echo begun; sleep 60' }));
  const { sessionId, goal } = await world.session(steps(slow, CLAIM));
  const open = editor.prompt(sessionId, '/goal Sleep well.');
  await eventually('the command runs, and its output is shown', () =>
    JSON.stringify(editor.calls(sessionId)).includes('```\\nbegun'),
  );
  expect(editor.calls(sessionId)[0]).toMatchObject({ kind: 'execute', status: 'in_progress' });
  await editor.cancel(sessionId);
  expect(await open).toEqual({ stopReason: 'cancelled' });
  expect(editor.calls(sessionId).map(({ status }) => status)).toEqual(['failed']);
  expect(editor.said(sessionId)).toContain('goal paused');
  expect(await goal()).toMatchObject({ status: 'paused', statusReason: { code: 'interrupt' } });

  editor.forget();
  expect(await editor.prompt(sessionId, '/goal-status')).toEqual(ENDED);
  expect(editor.said(sessionId)).toMatch(/^```\nSleep well\.\npaused/u);
  expect(await editor.prompt(sessionId, '/goal-resume')).toEqual(ENDED);
  expect(editor.said(sessionId)).toContain('> ✓');
});

it('a prompt whose request is cancelled is stopped, too', async () => {
  const { editor } = world;
  const slow = calls(toolCall('shell', { command: 'sleep 60' }));
  const { sessionId, goal } = await world.session(steps(slow, CLAIM));
  const stop = new AbortController();
  const open = editor.request(
    methods.agent.session.prompt,
    { sessionId, prompt: [{ type: 'text', text: '/goal Sleep.' }] },
    { cancellationSignal: stop.signal },
  );
  await eventually('the command runs', () => editor.calls(sessionId).length > 0);
  stop.abort();
  expect(await open).toEqual({ stopReason: 'cancelled' });
  expect(await goal()).toMatchObject({ status: 'paused' });
});

it('what the agent asks is shown with the command that answers it, and the answer lets the goal go on', async () => {
  const { editor } = world;
  const { sessionId } = await world.session(steps(ASK, CLAIM));
  expect(await editor.prompt(sessionId, '/goal Open the door.')).toEqual(ENDED);
  expect(editor.said(sessionId)).toMatch(
    /> ! blocker: The door is locked\. {2}\n> {3}Where is the key\? {2}\n> {3}answer: `\/goal-answer/u,
  );
  editor.forget();
  expect(await editor.prompt(sessionId, '/goal-answer Under the mat.')).toEqual(ENDED);
  expect(editor.said(sessionId)).toContain('answered: Under the mat.');
  expect(editor.said(sessionId)).toContain('> ✓');
  expect(editor.text(sessionId, 'user_message_chunk')).toBe('');
});

it('an objective that the agent proposes is decided by a command', async () => {
  const { editor } = world;
  const propose = calls(toolCall('set_goal', { proposed_objective: 'Paint it blue.' }));
  const { sessionId, goal } = await world.session(
    steps(propose, writes('one'), CLAIM, says('Blue it is.'), CLAIM),
  );
  expect(await editor.prompt(sessionId, '/goal Paint it red.')).toEqual(ENDED);
  expect(editor.said(sessionId)).toContain('proposes another objective: Paint it blue.');
  expect(editor.said(sessionId)).toContain('`/goal-accept`');
  expect(await editor.prompt(sessionId, '/goal-accept')).toEqual(ENDED);
  expect(await goal()).toMatchObject({ objective: 'Paint it blue.', status: 'complete' });
});

it('/goal-report tells what was done, /goal-clear gives the goal up, and a wrong command is told all names', async () => {
  const { editor } = world;
  const { sessionId, asked } = await world.session(steps(writes('one'), CLAIM));
  const ask = async (text: string): Promise<string> => {
    editor.forget();
    expect(await editor.prompt(sessionId, text)).toEqual(ENDED);
    return editor.said(sessionId);
  };
  expect(await ask('/goal')).toContain('This session has no goal.');
  expect(await ask('/goal-pause')).toContain('✗ This thread has no goal');
  await ask('/goal Write it.');
  expect(await ask('/goal-report')).toMatch(/^```\nWrite it\.[\s\S]*Changes\n {2}one/u);
  expect(await ask('/goal-stop')).toMatch(/no command `\/goal-stop`.*\/goal-pause/u);
  expect(await ask('/goal-clear')).toContain('goal cleared');
  expect(await ask('/goal-clear')).toContain('This session has no goal.');
  expect(asked()).toHaveLength(2);
});

it('in goal mode a message becomes the goal', async () => {
  const { editor } = world;
  const { sessionId, goal } = await world.session(steps(writes('one'), CLAIM));
  const { setMode } = methods.agent.session;
  await editor.request(setMode, { sessionId, modeId: 'goal' });
  await expect(editor.request(setMode, { sessionId, modeId: 'yolo' })).rejects.toMatchObject({
    code: -32602,
    message: 'There is no mode "yolo". Modes: chat, goal',
  });
  expect(await editor.prompt(sessionId, 'Write one.')).toEqual(ENDED);
  expect(await goal()).toMatchObject({ objective: 'Write one.', status: 'complete' });
});

it('a goal that reaches a limit answers the prompt with the reason that fits', async () => {
  const { editor } = world;
  let file = 0;
  const { sessionId } = await world.session(() => {
    file += 1;
    return { ...writes(`n${String(file)}`), usage: { input: 1000, output: 10 }, delayMs: 50 };
  });
  const open = editor.prompt(sessionId, '/goal Count.');
  await editor.heard(sessionId, '**Goal:** Count.');
  const { client } = world.setup;
  await client.request(requests.threadGoalSet, { threadId: sessionId, tokenBudget: 5000 });
  expect(await open).toEqual({ stopReason: 'max_tokens' });
  expect(editor.said(sessionId)).toContain('goal stopped at its budget');
});

it('a goal that another client sets is shown as it runs, with no prompt open', async () => {
  const { editor } = world;
  const { sessionId } = await world.session(steps(writes('one'), says('Written.'), CLAIM));
  const { client } = world.setup;
  await client.request(requests.threadGoalSet, { threadId: sessionId, objective: 'Write it.' });
  await editor.heard(sessionId, '> ✓');
  expect(editor.said(sessionId)).toContain('Written.');
  expect(editor.calls(sessionId)[0]).toMatchObject({ kind: 'execute', status: 'completed' });
});
