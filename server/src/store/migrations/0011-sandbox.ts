/** What a thread asks of its sandbox, network and folders too; null where nobody asked, and the configuration decides. */
export const sandbox = {
  version: 11,
  name: 'sandbox',
  sql: `
ALTER TABLE thread DROP COLUMN sandbox;
ALTER TABLE thread ADD COLUMN sandbox_json TEXT;
`,
} as const;
