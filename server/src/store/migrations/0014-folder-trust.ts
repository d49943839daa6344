/** Which folders the user trusts, by the real path of the repository's root (no row: nobody was asked), and what a thread was forked from. */
export const folderTrust = {
  version: 14,
  name: 'folder-trust',
  sql: `
CREATE TABLE folder_trust (
  root TEXT PRIMARY KEY,
  level TEXT NOT NULL CHECK (level IN ('trusted', 'untrusted')),
  decided_at_ms INTEGER NOT NULL,
  actor_json TEXT NOT NULL
) STRICT, WITHOUT ROWID;
ALTER TABLE thread ADD COLUMN forked_from_id TEXT;
`,
} as const;
