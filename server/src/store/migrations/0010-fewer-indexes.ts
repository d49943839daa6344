/** An index that every event paid for and few readers used, and one for what a start looks for. */
export const fewerIndexes = {
  version: 10,
  name: 'fewer-indexes',
  sql: `
DROP INDEX goal_event_goal;
CREATE INDEX verification_run_open ON verification_run (status) WHERE status = 'running';
`,
} as const;
