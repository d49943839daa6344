import type { WaitRequest } from './ports/background.js';

export type WaitLimit =
  | { readonly ok: true; readonly untilMs: number }
  | { readonly ok: false; readonly problem: string };

/**
 * When a wait is over at the latest: as asked, or after the longest wait there is. `problem` tells the model what to ask for instead.
 */
export function waitLimit(request: WaitRequest, nowMs: number, maxWaitMs: number): WaitLimit {
  const { seconds, until } = request;
  if (seconds !== undefined && until !== undefined) {
    return { ok: false, problem: 'Give seconds or until, not both.' };
  }
  if (request.process !== undefined && request.path !== undefined) {
    return { ok: false, problem: 'Give process_id or path, not both: one wait is for one thing.' };
  }
  const isTimed = seconds !== undefined || until !== undefined;
  if (!isTimed && request.process === undefined && request.path === undefined) {
    return { ok: false, problem: 'Say what to wait for: seconds, until, process_id or path.' };
  }
  const untilMs = until === undefined ? nowMs + (seconds ?? maxWaitMs / 1000) * 1000 : at(until);
  if (untilMs === null) {
    return {
      ok: false,
      problem: `until "${String(until)}" is no ISO time with an offset, such as ${new Date(nowMs + 3_600_000).toISOString()}.`,
    };
  }
  if (untilMs <= nowMs) {
    return {
      ok: false,
      problem: `until is over already: it is ${new Date(nowMs).toISOString()} now.`,
    };
  }
  if (untilMs - nowMs > maxWaitMs) {
    return {
      ok: false,
      problem: `A wait lasts ${String(maxWaitMs / 1000)} s at most: wait so long, look, and wait again.`,
    };
  }
  return { ok: true, untilMs: Math.ceil(untilMs) };
}

/** A time without an offset is ambiguous, and a number is no time. */
function at(text: string): number | null {
  if (!/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}.*(Z|[+-]\d{2}:?\d{2})$/iu.test(text.trim())) return null;
  const ms = Date.parse(text.trim());
  return Number.isNaN(ms) ? null : ms;
}
