import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { requests, serverRequests, type ConfigInput } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { calls, sequence, toolCall } from '../../helpers/model-server/index.js';
import { ApiWorld, type Place } from '../api/support/api-world.js';
import { CLAIM, runs } from '../api/support/scripts.js';
import { outputs } from '../people/support/people.js';
import { askedToRun, attach, decisionOf } from './support/approvals.js';

const config: ConfigInput = {
  engine: { noProgressDelaysMs: [1, 1], stopGraceMs: 300 },
  approvals: {
    graceSeconds: 0.2,
    allow: ['touch allowed.txt'],
    deny: ['git push', 'shred'],
    ask: ['mkdir'],
  },
};
let world: ApiWorld;
beforeAll(async () => {
  world = await ApiWorld.start(config);
});
afterAll(() => world[Symbol.asyncDispose]());

const objective = 'do it';
const exists = (place: Place, name: string): Promise<boolean> =>
  stat(join(place.repository, name)).then(
    () => true,
    () => false,
  );

describe('untrusted', () => {
  it('runs what only looks, what the configuration allows, and nothing else, unasked', async () => {
    const place = await world.place(
      sequence(runs('cat a.txt'), runs('touch allowed.txt'), runs('touch other.txt')),
    );
    await place.setGoal({ objective, approvalPolicy: 'untrusted' });
    const paused = await place.stopped();
    expect(paused.pendingRequest).toMatchObject({ what: 'touch other.txt' });
    expect(await exists(place, 'allowed.txt')).toBe(true);
    expect(await exists(place, 'other.txt')).toBe(false);
    expect(outputs(place.asked()[1])[0]).toMatch(/^exit code 0[\s\S]*one/u);
  });

  it('accepted for the session, the same command in the same folder is not asked for again', async () => {
    await using one = await world.person();
    const again = 'echo x >> log.txt';
    const place = await world.place(sequence(runs(again), runs(again), runs(`${again} `), CLAIM));
    await attach(one, place.threadId);
    await place.setGoal({ objective, approvalPolicy: 'untrusted' });
    const first = await askedToRun(one, place.threadId);
    one.answer(first.id, decisionOf('acceptForSession'));
    const other = await askedToRun(one, place.threadId, `${again} `);
    expect(one.asked).toHaveLength(2);
    one.answer(other.id, decisionOf('accept'));
    await place.stopped();
    expect(await readFile(join(place.repository, 'log.txt'), 'utf8')).toBe('x\nx\nx\n');
  });

  it('files accepted for the session may be changed again, others are asked for', async () => {
    await using one = await world.person();
    const patch = (name: string, line: string): ReturnType<typeof calls> =>
      calls(
        toolCall('apply_patch', {
          patch: `*** Begin Patch\n*** Delete File: ${name}\n*** Add File: ${name}\n+${line}\n*** End Patch`,
        }),
      );
    const place = await world.place(
      sequence(patch('a.txt', '1'), patch('a.txt', '2'), patch('c.txt', '3'), CLAIM),
      { files: { 'a.txt': 'one\n', 'c.txt': 'c\n' } },
    );
    await attach(one, place.threadId);
    await place.setGoal({ objective, approvalPolicy: 'untrusted' });
    const { fileChangeRequestApproval } = serverRequests;
    const first = await one.untilAsked(fileChangeRequestApproval);
    one.answer(first.id, decisionOf('acceptForSession'));
    const next = await one.untilAsked(fileChangeRequestApproval, (_, id) => id !== first.id);
    expect(await readFile(join(place.repository, 'a.txt'), 'utf8')).toBe('2\n');
    one.answer(next.id, decisionOf('decline'));
    await place.stopped();
    expect(await readFile(join(place.repository, 'c.txt'), 'utf8')).toBe('c\n');
  });

  it('an amendment holds for all threads until it is taken back', async () => {
    await using one = await world.person();
    const first = await world.place(sequence(runs('touch amended.txt'), CLAIM));
    await attach(one, first.threadId);
    await first.setGoal({ objective, approvalPolicy: 'untrusted' });
    const asked = await askedToRun(one, first.threadId);
    const execpolicy_amendment = ['touch', 'amended.txt'];
    expect(asked.params.proposedExecpolicyAmendment).toEqual(execpolicy_amendment);
    one.answer(asked.id, decisionOf({ acceptWithExecpolicyAmendment: { execpolicy_amendment } }));
    expect(await first.stopped()).toMatchObject({ status: 'complete' });

    const second = await world.place(sequence(runs('touch amended.txt more.txt'), CLAIM));
    await second.setGoal({ objective, approvalPolicy: 'untrusted' });
    expect(await second.stopped()).toMatchObject({ status: 'complete' });

    const { rules } = await one.request(requests.goalApprovalList, {});
    const rule = rules.find(({ kind }) => kind === 'prefix');
    expect(rule).toMatchObject({ what: execpolicy_amendment, threadId: null });
    await one.request(requests.goalApprovalForget, { ruleId: rule?.ruleId ?? '' });
    const third = await world.place(sequence(runs('touch amended.txt'), CLAIM));
    await third.setGoal({ objective, approvalPolicy: 'untrusted' });
    expect(await third.stopped()).toMatchObject({ status: 'paused' });
  });
});

it('an amendment says what was asked for and nothing wider; one that does is no answer', async () => {
  await using one = await world.person();
  const place = await world.place(sequence(runs('touch b.txt'), CLAIM));
  await attach(one, place.threadId);
  await place.setGoal({ objective, approvalPolicy: 'untrusted' });
  const asked = await askedToRun(one, place.threadId);
  const wider = { acceptWithExecpolicyAmendment: { execpolicy_amendment: ['sh'] } };
  await expect(
    world.unix.request(requests.goalApprovalDecide, { approvalId: asked.id, decision: wider }),
  ).rejects.toMatchObject({ data: { code: 'invalid_transition' } });
  one.answer(asked.id, decisionOf(wider));
  expect((await place.stopped()).pendingRequest).toMatchObject({ what: 'touch b.txt' });
  expect(await exists(place, 'b.txt')).toBe(false);
  const { rules } = await one.request(requests.goalApprovalList, {});
  expect(rules.filter(({ what }) => what[0] === 'sh')).toEqual([]);
});

it.each([{ sandboxPolicy: { type: 'dangerFullAccess' } }, { approvalPolicy: 'never' }] as const)(
  'an automatic origin does not loosen what holds: %j',
  async (loosened) => {
    const place = await world.place(sequence(CLAIM));
    const input = [{ type: 'text' as const, text: 'Go on.' }];
    const turn = { threadId: place.threadId, input, origin: 'automatic' as const };
    await expect(
      world.ws.request(requests.turnStart, { ...turn, ...loosened }),
    ).rejects.toMatchObject({ data: { code: 'policy_refused' } });
  },
);

describe('on-request', () => {
  it('without a sandbox asks for what is not known to be harmless', async () => {
    const place = await world.place(sequence(runs('cat a.txt'), runs('touch b.txt')));
    await place.setGoal({ objective, approvalPolicy: 'on-request', sandbox: 'danger-full-access' });
    expect((await place.stopped()).pendingRequest).toMatchObject({ what: 'touch b.txt' });
  });

  it('without a sandbox changes files in the folder unasked', async () => {
    const patch = '*** Begin Patch\n*** Add File: b.txt\n+new\n*** End Patch';
    const place = await world.place(sequence(calls(toolCall('apply_patch', { patch })), CLAIM));
    await place.setGoal({ objective, approvalPolicy: 'on-request', sandbox: 'danger-full-access' });
    expect(await place.stopped()).toMatchObject({ status: 'complete' });
    expect(await exists(place, 'b.txt')).toBe(true);
  });
});

describe.each(['never', 'on-request', 'untrusted'] as const)('under %s', (approvalPolicy) => {
  it.each(['git push origin', 'ls; shred a.txt', 'bash -c "shred a.txt"'])(
    'what the configuration denies never runs: %s',
    async (command) => {
      const place = await world.place(sequence(runs(command), CLAIM));
      await place.setGoal({ objective, approvalPolicy });
      expect(await place.stopped()).toMatchObject({ status: 'complete' });
      expect(outputs(place.asked()[1])[0]).toMatch(/^Not run: the configuration .* forbids/u);
      expect(await readFile(join(place.repository, 'a.txt'), 'utf8')).toBe('one\n');
    },
  );
});

it('never asks nothing, and verification commands are never asked for', async () => {
  const free = await world.place(sequence(runs('touch b.txt'), CLAIM));
  await free.setGoal({ objective, approvalPolicy: 'never' });
  expect(await free.stopped()).toMatchObject({ status: 'complete' });
  expect(await exists(free, 'b.txt')).toBe(true);

  const checked = await world.place(sequence(CLAIM));
  await checked.setGoal({
    objective,
    approvalPolicy: 'untrusted',
    verification: [{ name: 'v', command: 'touch verified.txt && test -f verified.txt' }],
  });
  expect(await checked.stopped()).toMatchObject({ status: 'complete', verified: true });
});

it('background commands are asked for like others', async () => {
  const place = await world.place(
    sequence(calls(toolCall('shell', { command: 'touch b.txt', background: true })), CLAIM),
  );
  await place.setGoal({ objective, approvalPolicy: 'untrusted' });
  expect(await place.stopped()).toMatchObject({ statusReason: { code: 'needsInput' } });
  expect(await exists(place, 'b.txt')).toBe(false);
});

it('the policy of the configuration is that of threads that name none', async () => {
  await using strict = await ApiWorld.start({ ...config, approvals: { policy: 'untrusted' } });
  const place = await strict.place(sequence(runs('touch b.txt'), CLAIM));
  await place.setGoal({ objective });
  expect(await place.stopped()).toMatchObject({
    status: 'paused',
    statusReason: { code: 'needsInput' },
  });
});
