import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { methods, type RequestPermissionRequest } from '@agentclientprotocol/sdk';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { AcpUser } from '../../helpers/acp/acp-editor.js';
import { eventually } from '../../helpers/eventually.js';
import { byProgress, calls, says, toolCall } from '../../helpers/model-server/index.js';
import { CLAIM, steps } from '../../helpers/waiting.js';
import { AcpWorld } from './support/acp-world.js';

const { session } = methods.agent;
const ENDED = { stopReason: 'end_turn' };

/** Its daemon asks before it does anything that is not harmless. */
let world: AcpWorld;
beforeAll(async () => {
  world = await AcpWorld.start({ approvals: { policy: 'untrusted', graceSeconds: 0.2 } });
});
afterAll(() => world[Symbol.asyncDispose]());

/** Who decides nothing: their dialog stays open until it is taken back. */
function onlooker(): { asked: RequestPermissionRequest[]; takenBack: string[]; user: AcpUser } {
  const asked: RequestPermissionRequest[] = [];
  const takenBack: string[] = [];
  const user: AcpUser = {
    permit: (request, signal) => {
      asked.push(request);
      return new Promise((resolve) => {
        signal.addEventListener('abort', () => {
          takenBack.push(request.toolCall.toolCallId);
          resolve({ outcome: { outcome: 'cancelled' } });
        });
      });
    },
  };
  return { asked, takenBack, user };
}

it('two editors on one session see the same, are both asked, and what one answers closes the dialog of the other', async () => {
  const watching = onlooker();
  let allow: (() => void) | null = null;
  const deciding: AcpUser = {
    permit: () =>
      new Promise((resolve) => {
        allow = () => {
          resolve({ outcome: { outcome: 'selected', optionId: 'accept' } });
        };
      }),
  };
  await using first = await world.another(deciding);
  await using second = await world.another(watching.user);
  const { sessionId, repository: cwd } = await world.session(
    steps(calls(toolCall('shell', { command: 'touch b.txt' })), says('Made.'), CLAIM),
    { editor: first },
  );
  await second.request(session.load, { sessionId, cwd, mcpServers: [] });
  const open = first.prompt(sessionId, '/goal Make b.txt.');
  const decide = await eventually('the first is asked', () => allow);
  await eventually('so is the second', () => watching.asked.length === 1);
  await eventually('the call is shown', () => second.calls(sessionId).length === 1);
  decide();
  expect(await open).toEqual(ENDED);
  await second.heard(sessionId, '> ✓');
  expect(watching.takenBack).toEqual([watching.asked[0]?.toolCall.toolCallId]);
  expect(existsSync(join(cwd, 'b.txt'))).toBe(true);
  const callsOf = (editor: typeof first): string =>
    editor
      .calls(sessionId)
      .map(({ toolCallId, status }) => `${toolCallId} ${status ?? ''}`)
      .join('\n');
  await eventually('both show the same calls', () => callsOf(second) === callsOf(first));
  for (const editor of [first, second]) expect(editor.said(sessionId)).toContain('Made.');
});

it('what is said in one editor stands in the other as the user said it, and either may stop it', async () => {
  await using first = await world.another();
  await using second = await world.another();
  const { sessionId, repository: cwd } = await world.session(
    byProgress(
      calls(toolCall('read_file', { path: 'a.txt' })),
      { delayMs: 60_000, text: 'never' },
      says('Later.'),
    ),
    { editor: first },
  );
  await second.request(session.load, { sessionId, cwd, mcpServers: [] });
  const open = first.prompt(sessionId, 'Read it.');
  await eventually('the other sees it', () => second.calls(sessionId).length === 1);
  expect(second.text(sessionId, 'user_message_chunk')).toBe('Read it.');
  expect(first.text(sessionId, 'user_message_chunk')).toBe('');
  // Words of the second go to the same turn, and its stop ends both prompts.
  const more = second.prompt(sessionId, 'And stop.');
  await eventually('the first sees them', () =>
    first.text(sessionId, 'user_message_chunk').includes('And stop.'),
  );
  await second.cancel(sessionId);
  expect(await more).toEqual({ stopReason: 'cancelled' });
  await eventually('the first prompt is answered', () => open);
  expect(first.said(sessionId)).toContain('This turn was cut short.');
});

it('a command takes the words behind it, over lines, and a mode holds until it is set again', async () => {
  await using editor = await world.another();
  const { sessionId, repository, goal } = await world.session(
    steps(says('On it.'), CLAIM, says('Hello.'), CLAIM, CLAIM),
    { editor },
  );
  await writeFile(join(repository, 'note.md'), 'x');
  const words = '/goal Keep a.txt.\n\n## Verification\n- `test -e a.txt`';
  expect(await editor.prompt(sessionId, words)).toEqual(ENDED);
  expect(await goal()).toMatchObject({
    status: 'complete',
    verified: true,
    verification: [{ command: 'test -e a.txt' }],
  });
  expect(await editor.prompt(sessionId, '/goal-status please')).toEqual(ENDED);
  expect(editor.said(sessionId)).toContain('Keep a.txt.');
  await expect(
    editor.request(session.setMode, { sessionId, modeId: 'yolo' }),
  ).rejects.toMatchObject({ code: -32602 });
  await editor.request(session.setMode, { sessionId, modeId: 'goal' });
  expect(await editor.prompt(sessionId, 'Keep it still.')).toEqual(ENDED);
  expect(await goal()).toMatchObject({ objective: 'Keep it still.' });
});
