import { notifications } from '@goald/protocol';
import { Subscriptions } from '@goald/server/events/subscriptions.js';
import type { SubscriberPort } from '@goald/server/events/subscription.js';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { openStore, type OpenStore } from '../../integration/store/support/open-store.js';

const MIB = 1024 * 1024;

/** A connection that takes what it is given when the test says so. */
class Reader implements SubscriberPort {
  bufferedBytes = 0;
  closed = false;
  readonly seqs: number[] = [];
  readonly texts: string[] = [];
  #waiters: (() => void)[] = [];

  notify(data: string | Buffer, method: string): void {
    expect(method).toBe(notifications.goalEvent.method);
    const text = data.toString();
    this.bufferedBytes += Buffer.byteLength(text);
    this.texts.push(text);
    const { params } = JSON.parse(text) as { params: unknown };
    this.seqs.push(notifications.goalEvent.params.parse(params).seq);
  }

  drained(): Promise<void> {
    if (this.bufferedBytes < 64 * 1024) return Promise.resolve();
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  drain(): void {
    this.bufferedBytes = 0;
    for (const resolve of this.#waiters.splice(0)) resolve();
  }
}

function opened(
  reader: Reader,
  sinceSeq = 0,
): { world: OpenStore; subscriptions: Subscriptions; id: string; commit: (bytes: number) => void } {
  const world = openStore();
  const subscriptions = new Subscriptions({ store: world.store, storeEpoch: 'e', now: () => 1 });
  const commit = (bytes: number): void => {
    const before = world.told.length;
    world.store.write((tx) => {
      tx.emit({ type: 'goal.progress', data: { text: 'x'.repeat(bytes) } });
    });
    for (const { events } of world.told.slice(before)) subscriptions.offer(events);
  };
  const subscription = subscriptions.open(
    { sinceSeq, storeEpoch: undefined, threadIds: undefined, types: undefined },
    reader,
  );
  void subscription.start();
  return { world, subscriptions, id: subscription.id, commit };
}

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index + 1);

describe('a subscriber that falls behind', () => {
  it('has at most 8 MiB and one event waiting, and gets the rest from the store when it reads again', async () => {
    const reader = new Reader();
    const { commit } = opened(reader);
    await Promise.resolve();
    for (let count = 0; count < 30; count += 1) commit(MIB);
    expect(reader.seqs).toEqual(upTo(8));
    expect(reader.bufferedBytes).toBeLessThan(10 * MIB);
    await eventually('the rest', () => {
      reader.drain();
      return reader.seqs.length === 30;
    });
    commit(1);
    await eventually('what is live again', () => {
      reader.drain();
      return reader.seqs.length === 31;
    });
    expect(reader.seqs).toEqual(upTo(31));
  });

  it('gets a long backfill piece by piece, with what is committed meanwhile behind it', async () => {
    const reader = new Reader();
    const { commit, subscriptions } = opened(new Reader());
    for (let count = 0; count < 20; count += 1) commit(100_000);
    const late = subscriptions.open(
      { sinceSeq: 0, storeEpoch: undefined, threadIds: undefined, types: undefined },
      reader,
    );
    void late.start();
    expect(reader.seqs).toEqual([1]);
    await eventually('all', () => {
      if (reader.seqs.length === 10) commit(100_000);
      expect(reader.bufferedBytes).toBeLessThan(300_000);
      reader.drain();
      return reader.seqs.length >= 21;
    });
    expect(reader.seqs).toEqual(upTo(21));
  });

  it('gets nothing more once it has unsubscribed', async () => {
    const reader = new Reader();
    const { commit, subscriptions, id } = opened(reader);
    commit(1);
    subscriptions.close(id);
    commit(1);
    await Promise.resolve();
    expect(reader.seqs).toEqual([1]);
  });
});

it('two subscriptions differ in nothing but their own id', () => {
  const [one, other] = [new Reader(), new Reader()];
  const { commit, subscriptions, id } = opened(one);
  const second = subscriptions.open(
    { sinceSeq: 0, storeEpoch: undefined, threadIds: undefined, types: undefined },
    other,
  );
  void second.start();
  commit(10);
  expect(other.texts[0]).toBe(one.texts[0]?.replace(id, second.id));
});
