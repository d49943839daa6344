import { LONGEST_NAME, modelNames, type OwnName } from '@goald/server/agent/mcp/tool-names.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

describe('the names of MCP tools for the model', () => {
  it('are mcp__<server>__<tool> where that is a name', () => {
    expect(modelNames([{ server: 'memory', tool: 'read_graph' }])).toEqual([
      'mcp__memory__read_graph',
    ]);
    expect(modelNames([{ server: 'a', tool: 'get.weather/now' }])).toEqual([
      'mcp__a__get_weather_now',
    ]);
  });

  it('are cut where they are too long, and stay apart', () => {
    const long = 'x'.repeat(100);
    const names = modelNames([
      { server: 'a', tool: `${long}1` },
      { server: 'a', tool: `${long}2` },
    ]);
    expect(new Set(names).size).toBe(2);
    for (const name of names) expect(name).toMatch(/^mcp__a__x{46}x_[0-9a-f]{8}$/);
  });

  const part = fc.string({
    unit: fc.constantFrom('a', '_', '-', '.', 'é', ' ', '😀'),
    minLength: 1,
    maxLength: 70,
  });
  const own: fc.Arbitrary<OwnName> = fc.record({
    server: fc.constantFrom('a', 'a_', 'b__a'),
    tool: part,
  });

  it('are what providers take, all different, and the same in any order', () => {
    const tools = fc.uniqueArray(own, {
      maxLength: 30,
      selector: ({ server, tool }) => `${server}\0${tool}`,
    });
    fc.assert(
      fc.property(tools, (some) => {
        const names = modelNames(some);
        expect(new Set(names).size).toBe(some.length);
        for (const name of names) {
          expect(name).toMatch(/^mcp__[A-Za-z0-9_-]+$/);
          expect(name.length).toBeLessThanOrEqual(LONGEST_NAME);
        }
        expect(modelNames(some.toReversed()).toReversed()).toEqual(names);
      }),
    );
  });
});
