/** How the turns of a thread are meant: to plan or to work; and a client's own words for that (null: ours). */
export const planning = {
  version: 40,
  name: 'planning',
  sql: `
ALTER TABLE thread ADD COLUMN mode TEXT NOT NULL DEFAULT 'default' CHECK (mode IN ('plan', 'default'));
ALTER TABLE thread ADD COLUMN mode_instructions TEXT;
`,
} as const;
