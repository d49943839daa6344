import type { PathBreach } from '@goald/protocol';
import type { PathBreachRow } from '../../store/repositories/path-breaches.js';

const MOST_NAMED = 3;

/** A breach as clients see it. */
export function toBreach(row: PathBreachRow): PathBreach {
  return {
    turnId: row.turn_id,
    path: row.path,
    change: row.change,
    rule: row.rule,
    undone: row.outcome === 'undone',
    reason: row.reason,
    keptAs: row.kept_as,
    atMs: row.at_ms,
  };
}

/** What the model is told with its next request. */
export function noticeOf(rows: readonly PathBreachRow[]): string {
  const named = rows.slice(0, MOST_NAMED).map((row) => `${row.path} (${row.rule})`);
  const more = rows.length - named.length;
  const which = `${named.join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
  return `Undone by goald, because the goal’s path constraints forbid it: ${which}. Work without it, or report a blocker.`;
}

/** Why the goal stops. */
export function keptReason(rows: readonly PathBreachRow[]): { message: string; detail: string } {
  const count = rows.length === 1 ? 'a change' : `${String(rows.length)} changes`;
  return {
    message: `Stopped: ${count} that the path constraints forbid could not be undone. Look at the files, then resume.`,
    detail: rows
      .map((row) => `${row.path} (${row.change}; ${row.rule}): ${row.reason ?? 'not undone'}`)
      .join('\n'),
  };
}
