import { CursorExpiredError, EpochChangedError } from '@goald/client';
import { requests } from '@goald/protocol';
import { expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { clientOf, seeded, tinyDaemon } from './setup.js';

it('subscribes at once: what happens before the first look is in the stream', async () => {
  const { home, daemon } = await tinyDaemon();
  daemon.emit();
  const client = await clientOf(home);
  const stream = client.events();
  await stream.ready;
  daemon.emit();
  const { value } = await stream.next();
  expect(value?.seq).toBe(2);
  expect(value).not.toHaveProperty('subscriptionId');
});

it.each([1, 2, 3, 4, 5])(
  'connections dropped at random points (seed %i): no event twice, none left out',
  async (seed) => {
    const { home, daemon } = await tinyDaemon();
    const random = seeded(seed);
    for (let count = 0; count < 50; count += 1) daemon.emit();
    const client = await clientOf(home);
    daemon.dropInstead = () => random() < 0.02;
    const total = 1500;
    const seen: number[] = [];
    const reading = (async () => {
      for await (const event of client.events({ sinceSeq: 0 })) {
        seen.push(event.seq);
        if (event.seq === total) return;
      }
    })();
    while (daemon.events.length < total) {
      for (
        let burst = Math.ceil(random() * 40);
        burst > 0 && daemon.events.length < total;
        burst -= 1
      ) {
        daemon.emit();
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
    await reading;
    expect(seen).toEqual(Array.from({ length: total }, (_, index) => index + 1));
    const subscribed = daemon.received.filter(
      ({ method }) => method === requests.goalSubscribe.method,
    );
    expect(subscribed.length).toBeGreaterThan(3);
  },
);

it('goes on after the daemon was restarted, from its last event', async () => {
  const { home, socket, daemon } = await tinyDaemon();
  const client = await clientOf(home);
  const stream = client.events();
  await stream.ready;
  daemon.emit();
  expect((await stream.next()).value?.seq).toBe(1);
  await daemon.close();
  daemon.emit();
  daemon.emit();
  await daemon.listen({ path: socket });
  daemon.emit();
  const rest = [await stream.next(), await stream.next(), await stream.next()];
  expect(rest.map(({ value }) => value?.seq)).toEqual([2, 3, 4]);
});

it('an unfiltered stream and a filtered one over one connection get their own events', async () => {
  const { home, daemon } = await tinyDaemon();
  const client = await clientOf(home);
  const all = client.events();
  const some = client.events({ threadIds: ['b'] });
  await Promise.all([all.ready, some.ready]);
  for (const threadId of ['a', 'b', 'a', 'b']) daemon.emit(threadId);
  const seqs = async (stream: typeof all, count: number): Promise<(number | undefined)[]> => {
    const found = [];
    for (let index = 0; index < count; index += 1) found.push((await stream.next()).value?.seq);
    return found;
  };
  expect(await seqs(all, 4)).toEqual([1, 2, 3, 4]);
  expect(await seqs(some, 2)).toEqual([2, 4]);
});

it('a consumer that is slower than the daemon loses nothing', async () => {
  const { home, daemon } = await tinyDaemon();
  const client = await clientOf(home);
  const stream = client.events({ sinceSeq: 0 });
  await stream.ready;
  const total = 10_000;
  for (let count = 0; count < total; count += 1) daemon.emit();
  await eventually('the stream is full', () =>
    daemon.received.some(({ method }) => method === requests.goalUnsubscribe.method),
  );
  let expected = 0;
  for await (const event of stream) {
    expected += 1;
    if (event.seq !== expected) break;
    if (event.seq === total) break;
  }
  expect(expected).toBe(total);
});

it('a cursor of another store ends the stream with EpochChangedError, also in the middle', async () => {
  const { home, socket, daemon } = await tinyDaemon();
  const client = await clientOf(home);
  const stream = client.events({ sinceSeq: 0 });
  daemon.emit();
  expect((await stream.next()).value?.seq).toBe(1);
  await daemon.close();
  daemon.storeEpoch = 'epoch-2';
  await daemon.listen({ path: socket });
  const failure: unknown = await stream.next().catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(EpochChangedError);
  expect(failure).toMatchObject({ storeEpoch: 'epoch-2' });
  expect(await stream.next()).toEqual({ done: true, value: undefined });
});

it('a cursor that is too old ends the stream with CursorExpiredError and the first seq there is', async () => {
  const { home, daemon } = await tinyDaemon();
  for (let count = 0; count < 9; count += 1) daemon.emit();
  daemon.firstSeq = 7;
  const client = await clientOf(home);
  const stream = client.events({ sinceSeq: 2 });
  await expect(stream.ready).rejects.toBeInstanceOf(CursorExpiredError);
  await expect(stream.next()).rejects.toMatchObject({ firstSeq: 7 });
});

it('an aborted signal ends the iteration quietly and the subscription with it', async () => {
  const { home, daemon } = await tinyDaemon();
  const client = await clientOf(home);
  const abort = new AbortController();
  const stream = client.events({ signal: abort.signal });
  await stream.ready;
  const next = stream.next();
  abort.abort();
  expect(await next).toEqual({ done: true, value: undefined });
  await eventually('unsubscribed', () =>
    daemon.received.some(({ method }) => method === requests.goalUnsubscribe.method),
  );
});
