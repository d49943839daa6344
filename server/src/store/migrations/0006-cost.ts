/** Cost as whole billionths of a dollar, so that sums are exact; the price and tier of each request; the tier of each thread. */
export const cost = {
  version: 6,
  name: 'cost',
  sql: `
ALTER TABLE goal DROP COLUMN cost_budget_usd;
ALTER TABLE goal DROP COLUMN cost_usd;
ALTER TABLE goal ADD COLUMN cost_budget_nano INTEGER;
ALTER TABLE goal ADD COLUMN cost_nano INTEGER;
ALTER TABLE model_request DROP COLUMN cost_usd;
ALTER TABLE model_request ADD COLUMN cost_nano INTEGER;
ALTER TABLE model_request ADD COLUMN price_json TEXT;
ALTER TABLE model_request ADD COLUMN requested_tier TEXT NOT NULL DEFAULT 'default';
ALTER TABLE model_request ADD COLUMN service_tier TEXT NOT NULL DEFAULT 'default';
ALTER TABLE thread ADD COLUMN service_tier TEXT;
`,
} as const;
