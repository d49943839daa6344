import type { Goal } from '@goald/protocol';
import { shortId } from './format.js';
import { oneLine } from './text.js';

/** What stops a goal until a person says something: its question, null where it asks none. undefined where nothing of the kind stops it. */
export function openQuestion(goal: Goal): string | null | undefined {
  const reason = goal.statusReason;
  const stops = goal.status === 'blocked' || goal.status === 'paused';
  if (!stops || (reason?.code !== 'blocker' && reason?.code !== 'needsInput')) return undefined;
  return reason.detail === null ? null : oneLine(reason.detail);
}

/** The command that answers a goal's newest blocker. */
export function answerCommand(threadId: string): string {
  return `goal answer ${shortId(threadId)} "<your answer>"`;
}

/** The question of a goal that waits for one, and the command that answers it; empty where nothing is asked. */
export function questionLines(goal: Goal): readonly string[] {
  const question = openQuestion(goal);
  if (question === undefined) return [];
  return [
    ...(question === null ? [] : [`asks: ${question}`]),
    `answer: ${answerCommand(goal.threadId)}`,
  ];
}
