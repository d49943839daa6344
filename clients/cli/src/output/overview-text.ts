import type { ListedGoal } from '../goals/list-goals.js';
import type { Overview } from '../goals/overview.js';
import type { Paint } from '../terminal/terminal.js';
import { shortId } from './format.js';
import { paintStatus, reasonText, usageText } from './goal-text.js';
import { questionLines } from './question-text.js';
import { oneLine, truncate } from './text.js';

/** How to set a goal. */
export const TRY = '  goal run "<what shall be true in the end>" --verify "npm test"\n';

/** What `goal status` prints of a daemon that runs. */
export function overviewText({ here, elsewhere }: Overview, paint: Paint, json: boolean): string {
  if (json) return `${JSON.stringify({ daemon: 'running', here, elsewhere })}\n`;
  if (here.length + elsewhere.length === 0) return `No goal yet. Set one in this folder:\n${TRY}`;
  return [block('This folder', here, paint), block('Elsewhere', elsewhere, paint)].join('');
}

function block(title: string, goals: readonly ListedGoal[], paint: Paint): string {
  if (goals.length === 0) return '';
  const lines = goals.flatMap((goal) => {
    const reason = goal.status === 'active' ? null : reasonText(goal);
    return [
      `  ${paint.dim(shortId(goal.threadId))}  ${paintStatus(goal, paint)}  ${truncate(oneLine(goal.objective), 90)}`,
      `            ${paint.dim(usageText(goal))}${reason === null ? '' : paint.dim(` · ${reason}`)}`,
      ...questionLines(goal).map((line) => `            ${line}`),
    ];
  });
  return `${paint.bold(title)}\n${lines.join('\n')}\n`;
}
