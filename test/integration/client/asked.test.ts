import type { Asked, GoaldClient } from '@goald/client';
import { notifications, type ResultOf, serverRequests } from '@goald/protocol';
import { expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { clientOf, tinyDaemon } from './setup.js';

const { fileChangeRequestApproval } = serverRequests;
type Question = Asked<typeof fileChangeRequestApproval>;
type Decision = ResultOf<typeof fileChangeRequestApproval>;

const { method } = fileChangeRequestApproval;
const ACCEPT: Decision = { decision: 'accept' };
const params = {
  ...{ threadId: 't', turnId: 'u', itemId: 'i', startedAtMs: 1, reason: null },
  grantRoot: null,
};

interface Person {
  /** What was put to them, oldest first. */
  readonly asked: readonly Question[];
  /** Answers the newest. */
  say(decision: Decision | Error): void;
}

/** Somebody who answers when told to. */
function person(client: GoaldClient): Person {
  const asked: Question[] = [];
  let settle: (decision: Decision | Error) => void = () => undefined;
  client.onRequest(fileChangeRequestApproval, (question) => {
    asked.push(question);
    return new Promise((resolve, reject) => {
      settle = (decision) => {
        if (decision instanceof Error) reject(decision);
        else resolve(decision);
      };
    });
  });
  return {
    asked,
    say: (decision) => {
      settle(decision);
    },
  };
}

it('a request of the daemon is put to its answerer, and the answer goes back under its id', async () => {
  const { home, daemon } = await tinyDaemon();
  const client = await clientOf(home);
  const someone = person(client);
  daemon.askAll('a-1', method, params);
  const [question] = await eventually('asked', () => someone.asked.length > 0 && someone.asked);
  expect(question).toMatchObject({ requestId: 'a-1', params: { itemId: 'i' } });
  someone.say(ACCEPT);
  await eventually('answered', () => daemon.replies.length > 0);
  expect(daemon.replies).toMatchObject([{ id: 'a-1', result: ACCEPT }]);
  expect(question?.signal.aborted).toBe(false);
});

it('what nobody answers here, what cannot be read and what its answerer rejects is answered with an error', async () => {
  const { home, daemon } = await tinyDaemon();
  const client = await clientOf(home);
  const someone = person(client);
  daemon.askAll('a-1', serverRequests.toolRequestUserInput.method, {});
  daemon.askAll('a-2', method, { threadId: 't' });
  daemon.askAll('a-3', method, params);
  await eventually('asked', () => someone.asked.length > 0);
  someone.say(new Error('nobody at home'));
  await eventually('all are answered', () => daemon.replies.length === 3);
  expect(daemon.replies).toMatchObject([
    { id: 'a-1', error: { code: -32601 } },
    { id: 'a-2', error: { code: -32602 } },
    { id: 'a-3', error: { code: -32603, message: 'nobody at home' } },
  ]);
  expect(someone.asked).toHaveLength(1);
});

it('when another client was quicker the answerer hears so, and its answer is not sent', async () => {
  const { home, daemon } = await tinyDaemon();
  const client = await clientOf(home);
  const someone = person(client);
  daemon.askAll('a-1', method, params);
  const [question] = await eventually('asked', () => someone.asked.length > 0 && someone.asked);
  const resolved = { threadId: 't', requestId: 'a-1', emittedAtMs: 1 };
  daemon.notifyAll(notifications.serverRequestResolved.method, resolved);
  await eventually('told', () => question?.signal.aborted);
  someone.say(ACCEPT);
  daemon.askAll('a-2', method, params);
  await eventually('asked again', () => someone.asked.length === 2);
  someone.say(ACCEPT);
  await eventually('answered', () => daemon.replies.length > 0);
  expect(daemon.replies).toMatchObject([{ id: 'a-2' }]);
});

it('over a lost connection a person is asked once, and the answer is sent wherever it was asked last', async () => {
  const { home, daemon } = await tinyDaemon();
  const client = await clientOf(home);
  const someone = person(client);
  const reconnect = async (): Promise<void> => {
    const introductions = (): number =>
      daemon.received.filter((call) => call.method === notifications.initialized.method).length;
    const before = introductions();
    daemon.dropAll();
    await eventually('a new connection stands', () => introductions() > before);
  };
  daemon.askAll('a-1', method, params);
  await eventually('asked', () => someone.asked.length > 0);
  await reconnect();
  await reconnect();
  daemon.askAll('a-1', method, params);
  someone.say(ACCEPT);
  await eventually('answered', () => daemon.replies.length > 0);
  // The answer may have been lost with the connection: asked again, it is given again.
  await reconnect();
  daemon.askAll('a-1', method, params);
  await eventually('answered again', () => daemon.replies.length === 2);
  expect(daemon.replies).toMatchObject([
    { id: 'a-1', result: ACCEPT },
    { id: 'a-1', result: ACCEPT },
  ]);
  expect(someone.asked).toHaveLength(1);
});
