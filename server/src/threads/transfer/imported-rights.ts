import type { PlainRow } from '../../store/repositories/transfer.js';

/** A row without the rights that a file claims for its commands: whoever wrote the file has no say here. What confines stays. */
export function withoutRights(type: string, row: PlainRow): PlainRow {
  if (type === 'thread') return { ...row, sandbox_json: null };
  const json = row['definition_json'];
  if (type !== 'goal' || typeof json !== 'string') return row;
  const definition = JSON.parse(json) as Record<string, unknown>;
  const confines = definition['sandbox'] !== 'danger-full-access';
  return {
    ...row,
    definition_json: JSON.stringify({
      ...definition,
      sandbox: confines ? definition['sandbox'] : null,
      networkAccess: definition['networkAccess'] === true ? null : definition['networkAccess'],
    }),
  };
}
