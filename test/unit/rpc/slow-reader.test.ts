import { notifications } from '@goald/protocol';
import type { Clock } from '@goald/server/engine/ports/clock.js';
import type { Outlet } from '@goald/server/rpc/session.js';
import { SlowReaderGuard } from '@goald/server/rpc/slow-reader.js';
import { describe, expect, it } from 'vitest';

const MIB = 1024 * 1024;
const DELTA = notifications.agentMessageDelta.method;
const UPDATED = notifications.threadGoalUpdated.method;

class HandClock implements Clock {
  #nowMs = 0;
  readonly #due = new Map<() => void, number>();

  now(): number {
    return this.#nowMs;
  }

  uptime(): number {
    return this.#nowMs;
  }

  schedule(atMs: number, callback: () => void): Disposable {
    this.#due.set(callback, atMs);
    return {
      [Symbol.dispose]: () => {
        this.#due.delete(callback);
      },
    };
  }

  pass(ms: number): void {
    this.#nowMs += ms;
    for (const [callback, atMs] of this.#due) {
      if (atMs > this.#nowMs) continue;
      this.#due.delete(callback);
      callback();
    }
  }

  get waiting(): number {
    return this.#due.size;
  }
}

/** A reader that takes bytes when the test says so. */
class HandReader implements Outlet {
  bufferedBytes = 0;
  readonly closed: number[] = [];
  readonly #waiters: (() => void)[] = [];

  notify(): void {
    throw new Error('The guard sends nothing itself.');
  }

  drained(): Promise<void> {
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  close(code: number): void {
    this.closed.push(code);
  }

  async drain(): Promise<void> {
    this.bufferedBytes = 0;
    for (const resolve of this.#waiters.splice(0)) resolve();
    await Promise.resolve();
  }
}

function guarded(): {
  clock: HandClock;
  reader: HandReader;
  guard: SlowReaderGuard;
  send: (method: string, bytes: number) => boolean;
} {
  const [clock, reader] = [new HandClock(), new HandReader()];
  const guard = new SlowReaderGuard(reader, clock);
  const send = (method: string, bytes: number): boolean => {
    if (!guard.admits(method)) return false;
    reader.bufferedBytes += bytes;
    guard.queued(bytes);
    return true;
  };
  return { clock, reader, guard, send };
}

describe('a reader with more than 8 MiB of live notifications waiting', () => {
  it('is closed with 4008 when it did not drain for 5 s', () => {
    const { clock, reader, send } = guarded();
    send(UPDATED, 8 * MIB + 1);
    clock.pass(4999);
    expect(reader.closed).toEqual([]);
    clock.pass(1);
    expect(reader.closed).toEqual([4008]);
  });

  it('is given nothing more once it is closed, and is closed once', () => {
    const { clock, reader, send } = guarded();
    send(UPDATED, 9 * MIB);
    clock.pass(5000);
    expect(send(UPDATED, 40 * MIB)).toBe(false);
    expect(reader.closed).toEqual([4008]);
  });

  it('is kept when it drained within 5 s, and has the whole time again the next time', async () => {
    const { clock, reader, send } = guarded();
    send(UPDATED, 9 * MIB);
    clock.pass(4000);
    await reader.drain();
    expect(clock.waiting).toBe(0);
    send(UPDATED, 9 * MIB);
    clock.pass(4000);
    expect(reader.closed).toEqual([]);
    clock.pass(1000);
    expect(reader.closed).toEqual([4008]);
  });

  it('is kept when less was left after 5 s', () => {
    const { clock, reader, send } = guarded();
    send(UPDATED, 9 * MIB);
    reader.bufferedBytes = 7 * MIB;
    clock.pass(5000);
    expect(reader.closed).toEqual([]);
  });

  it('may have exactly 8 MiB waiting for ever', () => {
    const { clock, reader, send } = guarded();
    send(UPDATED, 8 * MIB);
    clock.pass(1_000_000);
    expect(reader.closed).toEqual([]);
  });

  it('is closed at once when 32 MiB are not enough', () => {
    const { reader, send } = guarded();
    for (let count = 0; count < 32; count += 1) send(UPDATED, MIB);
    expect(reader.closed).toEqual([]);
    send(UPDATED, 1);
    expect(reader.closed).toEqual([4008]);
  });
});

describe('what else waits', () => {
  it('answers do not count, however many they are', () => {
    const { clock, reader, send } = guarded();
    reader.bufferedBytes = 100 * MIB;
    send(UPDATED, 8 * MIB);
    clock.pass(5000);
    expect(reader.closed).toEqual([]);
  });

  it('what was sent long ago does not count', () => {
    const { clock, reader, send } = guarded();
    for (let count = 0; count < 100; count += 1) {
      send(UPDATED, MIB);
      reader.bufferedBytes = 0;
    }
    clock.pass(5000);
    expect(reader.closed).toEqual([]);
  });
});

describe('what may be lost', () => {
  it('is dropped above 4 MiB, while the rest is still queued', () => {
    const { reader, send } = guarded();
    send(UPDATED, 4 * MIB);
    expect(send(DELTA, 1)).toBe(true);
    expect(send(DELTA, 1)).toBe(false);
    expect(send(UPDATED, 1)).toBe(true);
    reader.bufferedBytes = 0;
    expect(send(DELTA, 1)).toBe(true);
  });
});
