import { readMessage, type WireId } from '@goald/server/rpc/read-message.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

/** Nesting as the table means it: a value that is no container has none. */
function depthOf(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

const wireId = fc.oneof(fc.string(), fc.maxSafeInteger());

/** A value nested `depth` deep, with strings full of brackets, quotes and backslashes on the way. */
const nested = fc
  .tuple(
    fc.integer({ min: 0, max: 140 }),
    fc.array(fc.string({ unit: fc.constantFrom('"', '\\', '[', '{', ']', '}', 'a') })),
    fc.boolean(),
  )
  .map(([depth, noise, objects]) => {
    let value: unknown = 'bottom';
    for (let level = 0; level < depth; level += 1) {
      const beside = noise[level % Math.max(1, noise.length)] ?? '';
      value = objects ? { [beside]: 1, value } : [beside, value, [beside]];
    }
    return value;
  });

describe('reading a message', () => {
  it('never throws, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        const { kind } = readMessage(text);
        expect(['request', 'notification', 'response', 'invalid']).toContain(kind);
      }),
    );
  });

  it('a request comes through as it was written, with or without jsonrpc', () => {
    fc.assert(
      fc.property(wireId, fc.string(), fc.jsonValue(), fc.boolean(), (id, method, params, bare) => {
        const head = bare ? {} : { jsonrpc: '2.0' };
        const text = JSON.stringify({ ...head, id, method, params });
        expect(readMessage(text)).toEqual({
          kind: 'request',
          id: JSON.parse(JSON.stringify(id)) as WireId,
          method,
          params: JSON.parse(JSON.stringify(params)) as unknown,
        });
      }),
    );
  });

  it('is refused exactly when it nests deeper than 128, its id found wherever it stands', () => {
    fc.assert(
      fc.property(nested, wireId, fc.boolean(), (params, id, idFirst) => {
        const message = idFirst ? { id, method: 'm', params } : { params, method: 'm', id };
        const read = readMessage(JSON.stringify(message, null, 1));
        const tooDeep = depthOf(message) > 128;
        expect(read).toMatchObject({ kind: tooDeep ? 'invalid' : 'request', id });
      }),
      { numRuns: 300 },
    );
  });

  it('16 MiB of opening brackets take no time to refuse', () => {
    const before = process.cpuUsage();
    const read = readMessage('['.repeat(16 * 1024 * 1024));
    expect(read).toMatchObject({ kind: 'invalid', id: null, error: { code: 'parse_error' } });
    // Time on a processor: what else the machine does must not fail this.
    expect(process.cpuUsage(before).user).toBeLessThan(3_000_000);
  });
});
