import Database from 'better-sqlite3';
import { expect } from 'vitest';
import type { Bill } from '../../../helpers/model-server/index.js';

interface Charge {
  readonly estimated: number;
  readonly outcome: string;
  readonly input_tokens: number;
  readonly cached_input_tokens: number;
  readonly output_tokens: number;
}

/**
 * The provider's bill against the ledger: a response has one row, never two; a row with the provider's figures has them from the bill; and
 * what the daemon never heard of is charged by estimate.
 */
export function expectBillCovered(path: string, bill: Bill): void {
  const db = new Database(path, { readonly: true });
  try {
    const charges = db.prepare<[], Charge>('SELECT * FROM model_request').all();
    const figures = (usage: { input: number; cachedInput: number; output: number }): string =>
      [usage.input, usage.cachedInput, usage.output].join(' ');
    const billed = bill.lines.map(({ usage }) => figures(usage));
    const measured = charges
      .filter(({ estimated, outcome }) => estimated === 0 && outcome !== 'rejected')
      .map((row) =>
        figures({
          input: row.input_tokens,
          cachedInput: row.cached_input_tokens,
          output: row.output_tokens,
        }),
      );
    const left = [...billed];
    for (const charge of measured) {
      expect(left).toContain(charge);
      left.splice(left.indexOf(charge), 1);
    }
    // Each response that is left was never heard to its end: a row by estimate stands for it.
    const estimated = charges.filter((row) => row.estimated === 1);
    expect(estimated.length).toBeGreaterThanOrEqual(left.length);
    for (const row of estimated) expect(row.input_tokens).toBeGreaterThan(0);
  } finally {
    db.close();
  }
}
