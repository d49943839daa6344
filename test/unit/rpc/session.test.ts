import { Session, type Outlet } from '@goald/server/rpc/session.js';
import { describe, expect, it } from 'vitest';

const silent: Outlet = {
  notify: () => undefined,
  bufferedBytes: 0,
  drained: () => Promise.resolve(),
  close: () => undefined,
};
const session = (): Session => new Session({ id: 'c1', remote: 'here' }, silent);
const client = { name: 'ide', version: '1' };

function resource(log: string[], name: string): AsyncDisposable {
  return {
    [Symbol.asyncDispose]: () => {
      log.push(name);
      return Promise.resolve();
    },
  };
}

describe('a session', () => {
  it('knows its client from initialize on, which works once', () => {
    const one = session();
    expect([one.initialized, one.clientInfo, one.capabilities]).toEqual([false, undefined, {}]);
    one.initialize(client, { requiredHumanApproval: true });
    expect([one.initialized, one.clientInfo, one.capabilities]).toEqual([
      true,
      client,
      { requiredHumanApproval: true },
    ]);
    expect(() => {
      one.initialize(client, null);
    }).toThrow('Already initialized');
  });

  it('wants nothing before initialize and everything but what it opted out of after', () => {
    const one = session();
    expect(one.wants('a')).toBe(false);
    one.initialize(client, { optOutNotificationMethods: ['b'] });
    expect([one.wants('a'), one.wants('b')]).toEqual([true, false]);
  });

  it('disposes what it owns when it closes, once, and what comes later at once', async () => {
    const log: string[] = [];
    const one = session();
    one.own('a', resource(log, 'a'));
    one.own('b', resource(log, 'b'));
    one.threads.add('t');
    expect(await one.release('a')).toBe(true);
    expect(await one.release('a')).toBe(false);
    expect(log).toEqual(['a']);
    await one[Symbol.asyncDispose]();
    await one[Symbol.asyncDispose]();
    expect([log, one.closed, one.threads.size]).toEqual([['a', 'b'], true, 0]);
    one.own('late', resource(log, 'late'));
    expect(log).toEqual(['a', 'b', 'late']);
  });

  it('one resource that fails to dispose does not keep the others', async () => {
    const log: string[] = [];
    const one = session();
    one.own('bad', { [Symbol.asyncDispose]: () => Promise.reject(new Error('stuck')) });
    one.own('good', resource(log, 'good'));
    await one[Symbol.asyncDispose]();
    expect(log).toEqual(['good']);
  });
});
