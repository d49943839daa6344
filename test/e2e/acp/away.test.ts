import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { methods, type RequestPermissionRequest } from '@agentclientprotocol/sdk';
import { requests } from '@goald/protocol';
import { afterEach, expect, it } from 'vitest';
import { AcpEditor, type AcpUser } from '../../helpers/acp/acp-editor.js';
import { eventually } from '../../helpers/eventually.js';
import { goalSetup, QUICK, type GoalSetup } from '../../helpers/goal-setup.js';
import { calls, toolCall } from '../../helpers/model-server/index.js';
import { CLAIM, steps } from '../../helpers/waiting.js';
import { Latch } from '../api/support/scripts.js';
import { FREE } from './support/acp-world.js';

// What has to be decided while no editor is there.

const RUN = calls(toolCall('shell', { command: 'touch b.txt' }));

let setup: GoalSetup | null = null;
afterEach(async () => {
  await setup?.[Symbol.asyncDispose]();
  setup = null;
});

/** Allows what is asked; `asked` has it all. */
function allowing(): { asked: RequestPermissionRequest[]; user: AcpUser } {
  const asked: RequestPermissionRequest[] = [];
  const user: AcpUser = {
    permit: (request) => {
      asked.push(request);
      return { outcome: { outcome: 'selected', optionId: 'accept' } };
    },
  };
  return { asked, user };
}

/** A goal that asks for its first command only when its editor is gone, and waits for the answer. */
async function abandoned(): Promise<{ place: GoalSetup; sessionId: string }> {
  const gone = new Latch();
  const place = await goalSetup({
    script: steps(async () => {
      await gone.opened;
      return RUN;
    }, CLAIM),
    config: { ...QUICK, ...FREE, approvals: { policy: 'untrusted', graceSeconds: 0.2 } },
  });
  setup = place;
  const editor = await AcpEditor.open({ home: place.home, user: allowing().user });
  const sessionId = await editor.newSession(place.repository);
  editor.prompt(sessionId, '/goal Make b.txt.').catch(() => undefined);
  await eventually('the goal is at work', () => place.model.requests.length > 0);
  expect(await editor.quit()).toBe(0);
  gone.open();
  await eventually('the goal waits', async () => {
    const { goal } = await place.client.request(requests.threadGoalGet, { threadId: sessionId });
    return goal?.status === 'paused';
  });
  return { place, sessionId };
}

it('an approval that was asked for while no editor was there is asked of the editor that loads the session', async () => {
  const { place, sessionId } = await abandoned();
  const { asked, user } = allowing();
  await using editor = await AcpEditor.open({ home: place.home, user });
  const opened = { sessionId, cwd: place.repository, mcpServers: [] };
  await editor.request(methods.agent.session.load, opened);
  await editor.heard(sessionId, '> ✓');
  expect(asked).toMatchObject([
    { toolCall: { kind: 'execute', rawInput: { command: 'touch b.txt' } } },
  ]);
  expect(existsSync(join(place.repository, 'b.txt'))).toBe(true);
});

it('one that was decided meanwhile is not asked again', async () => {
  const { place, sessionId } = await abandoned();
  const { client } = place;
  const { data } = await client.request(requests.goalApprovalList, { threadId: sessionId });
  const approvalId = data[0]?.approvalId ?? '';
  await client.request(requests.goalApprovalDecide, { approvalId, decision: 'decline' });
  const { asked, user } = allowing();
  await using editor = await AcpEditor.open({ home: place.home, user });
  const opened = { sessionId, cwd: place.repository, mcpServers: [] };
  await editor.request(methods.agent.session.load, opened);
  await editor.heard(sessionId, '> ✓');
  expect(asked).toEqual([]);
  expect(existsSync(join(place.repository, 'b.txt'))).toBe(false);
});
