import type { ThreadRow } from '../../store/repositories/threads.js';
import { isPlanning } from '../../threads/collaboration.js';
import type { ActiveTurn } from '../active-turn.js';

/** A client's own words of the mode a turn is in; null where goald's hold, and where the thread changed its mode meanwhile. */
export function modeWords(
  thread: ThreadRow | undefined,
  { plans }: Pick<ActiveTurn, 'plans'>,
): string | null {
  if (thread === undefined || isPlanning(thread) !== plans) return null;
  return thread.mode_instructions;
}
