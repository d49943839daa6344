import { formatBar, formatClock, formatTokens, plural } from '../output/format.js';
import { waitText } from '../output/goal-text.js';
import { oneLine, truncate } from '../output/text.js';
import { isThought } from './describe-call.js';
import type { View } from './view.js';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 120;
const ACTIVITY_MIN_COLUMNS = 16;

const CHECKS: Readonly<Record<View['verification'], string | null>> = {
  none: null,
  running: null,
  passed: 'verified ✓',
  failed: 'verification ✗',
};

/** The one line at the bottom of the screen: what happens now, and how much was used. At most `columns` wide. */
export function liveLine(view: View, nowMs: number, columns: number): string {
  const frame = FRAMES[Math.floor(nowMs / FRAME_MS) % FRAMES.length] ?? '·';
  const figures = [
    view.files.size === 0 ? null : plural(view.files.size, 'file'),
    CHECKS[view.verification],
    tokensPart(view),
    formatClock(elapsedMs(view, nowMs)),
    view.turn === 0 ? null : `turn ${String(view.turn)}`,
  ].filter((part) => part !== null);
  const tail = ` · ${figures.join(' · ')}`;
  const room = Math.max(columns - 2 - [...tail].length, ACTIVITY_MIN_COLUMNS);
  return truncate(`${frame} ${truncate(activity(view, nowMs), room)}${tail}`, columns);
}

/** What the agent does now: phase, and the command or tool it has been at for how long. */
export function activity(view: View, nowMs: number): string {
  if (!view.connected) return 'connecting to the daemon';
  if (view.retry !== null && view.retry.atMs > nowMs) {
    const seconds = Math.ceil((view.retry.atMs - nowMs) / 1000);
    return `provider busy, next try in ${formatClock(seconds * 1000)}`;
  }
  const phase = view.goal?.phase ?? (view.goal?.status === 'active' ? 'acting' : 'stopping');
  if (view.verification === 'running') {
    const commands = view.goal?.verification.map(({ command }) => oneLine(command)).join(', ');
    return `verifying: ${commands ?? ''}`;
  }
  const current = [...view.running.values()].at(-1);
  if (current === undefined) return phase === 'acting' ? 'thinking' : waitingText(view, nowMs);
  const sinceMs = nowMs - current.startedAtMs;
  const clock = sinceMs < 1000 ? '' : ` (${formatClock(sinceMs)})`;
  return isThought(current.label)
    ? `${current.label}${clock}`
    : `${phase}: ${current.label}${clock}`;
}

function waitingText(view: View, nowMs: number): string {
  const wait = view.goal === null ? null : waitText(view.goal);
  if (wait !== null) return wait;
  const phase = view.goal?.phase ?? 'stopping';
  const nextMs = view.goal?.nextActionAtMs ?? null;
  if (nextMs === null || nextMs <= nowMs) return phase;
  return `${phase}, next action in ${formatClock(Math.ceil((nextMs - nowMs) / 1000) * 1000)}`;
}

function tokensPart(view: View): string {
  const used = formatTokens(view.tokensUsed);
  const budget = view.goal?.tokenBudget ?? null;
  if (budget === null) return `${used} tokens`;
  return `${used}/${formatTokens(budget)} ${formatBar(view.tokensUsed, budget)}`;
}

function elapsedMs(view: View, nowMs: number): number {
  return view.timeUsedMs + (view.turnOpen ? Math.max(0, nowMs - view.timeAtMs) : 0);
}
