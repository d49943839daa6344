import { expect, it } from 'vitest';
import { toMarkdown } from '../../bench/report/markdown.js';
import { toRow } from '../../bench/report/row.js';
import type { Results } from '../../bench/results.js';
import { QUICK } from '../../bench/sizes.js';

/** The page of a run in which goald took so much, and bare Node 10. */
function page(goald: number): string {
  const metric = {
    id: 'm',
    title: 'what was measured',
    unit: 'ms',
    baseline: 'bare Node',
    target: { kind: 'share', of: 'baseline', atMost: 1.5 },
    whyMissed: 'the cause of it',
  } as const;
  const measured = { metric, samples: { goald: [goald], baseline: [10] } };
  const results: Results = {
    date: '2026-01-01T00:00:00.000Z',
    machine: {
      commit: 'abc',
      changed: false,
      node: 'v20',
      platform: 'linux x64',
      processor: 'one',
      cores: 1,
      memoryBytes: 1,
    },
    sizes: QUICK,
    seconds: 1,
    reference: null,
    metrics: [measured],
    problems: [],
  };
  return toMarkdown(results, [toRow(measured)]);
}

it('a target that is missed stands on the page with its cause, and one that is met without', () => {
  expect(page(16)).toContain('- **what was measured**: the cause of it');
  expect(page(15)).not.toContain('the cause of it');
  expect(page(15)).not.toContain('Missed');
});
