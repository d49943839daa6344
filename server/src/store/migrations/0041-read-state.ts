/** What a person has read of a thread: where they go on ('start' or a turn; null: all is read), and a revision (null: nothing changed yet). */
export const readState = {
  version: 41,
  name: 'read-state',
  sql: `
ALTER TABLE thread ADD COLUMN unread_from TEXT;
ALTER TABLE thread ADD COLUMN read_revision TEXT;
`,
} as const;
