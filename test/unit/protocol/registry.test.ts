import * as protocol from '@goald/protocol';
import {
  findNotification,
  findRequest,
  findServerRequest,
  notifications,
  requests,
  serverRequests,
} from '@goald/protocol';
import { describe, expect, it } from 'vitest';

const registered = [
  ...Object.values(requests),
  ...Object.values(serverRequests),
  ...Object.values(notifications),
];

describe('the registry', () => {
  it('has every message that the protocol declares, under the name it is declared with', () => {
    const declared = Object.entries(protocol).filter(
      ([, value]) =>
        typeof value === 'object' &&
        'kind' in value &&
        ((value.kind as unknown) === 'request' || (value.kind as unknown) === 'notification'),
    );
    expect(declared.length).toBeGreaterThan(40);
    const known: ReadonlySet<unknown> = new Set(registered);
    expect(declared.filter(([, value]) => !known.has(value)).map(([name]) => name)).toEqual([]);
  });

  it('has no method twice', () => {
    const methods = registered.map(({ method }) => method);
    expect(new Set(methods).size).toBe(methods.length);
  });

  it('finds a request by its method, and nothing else under that name', () => {
    for (const request of Object.values(requests)) {
      expect(findRequest(request.method)).toBe(request);
      expect(findNotification(request.method)).toBeUndefined();
    }
  });

  it('finds a request of the daemon by its method, which no client may send', () => {
    for (const request of Object.values(serverRequests)) {
      expect(findServerRequest(request.method)).toBe(request);
      expect(findRequest(request.method)).toBeUndefined();
      expect(request.direction).toBe('serverToClient');
    }
  });

  it('finds a notification by its method, and nothing else under that name', () => {
    for (const notification of Object.values(notifications)) {
      expect(findNotification(notification.method)).toBe(notification);
      expect(findRequest(notification.method)).toBeUndefined();
    }
  });

  it.each(['', 'toString', '__proto__', 'thread', 'Initialize'])('knows no method %j', (method) => {
    expect(findRequest(method)).toBeUndefined();
    expect(findNotification(method)).toBeUndefined();
  });

  it('every mutation takes an idempotencyKey, and nothing else does', () => {
    const odd = Object.values(requests).filter(
      ({ params, mutation }) => 'idempotencyKey' in params.shape !== mutation,
    );
    expect(odd.map(({ method }) => method)).toEqual([]);
  });

  it('every notification the server sends says when', () => {
    const silent = Object.values(notifications).filter(
      (notification) =>
        notification.direction === 'serverToClient' &&
        !('shape' in notification.params && 'emittedAtMs' in notification.params.shape),
    );
    expect(silent.map(({ method }) => method)).toEqual([]);
  });
});
