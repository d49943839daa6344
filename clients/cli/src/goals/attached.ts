import type { EventStream, GoaldClient } from '@goald/client';
import { type Goal, requests } from '@goald/protocol';
import type { App } from '../app.js';
import { EXIT, EXIT_OF_STATUS, type ExitCode } from '../exit-codes.js';
import { shortId } from '../output/format.js';
import { standingText, usageText } from '../output/goal-text.js';
import { commandLines, nextCommands } from '../output/next-commands.js';
import { questionLines } from '../output/question-text.js';
import { diffStatLines } from '../output/report-text.js';
import { followGoal, type FollowEnd, type FollowSink } from '../progress/follow.js';
import { PlainRenderer } from '../progress/plain-renderer.js';
import { ScreenRenderer } from '../progress/screen-renderer.js';
import { HumanSink, JsonSink } from '../progress/sinks.js';

/** The exit code for how following a goal ended. */
export function exitOf(end: FollowEnd): ExitCode {
  switch (end.kind) {
    case 'detached':
      return EXIT.detached;
    case 'cleared':
      return EXIT.cleared;
    case 'stopped':
      return end.goal.status === 'active' ? EXIT.failure : EXIT_OF_STATUS[end.goal.status];
  }
}

/**
 * Shows a goal at work until it stops or the person detaches, then where it stands. Owns `stream`, which must have been opened before
 * `goal` was read. `json`: events as JSON lines on stdout and nothing else there.
 */
export async function stayAttached(
  app: App,
  client: GoaldClient,
  options: { goal: Goal; stream: EventStream; turnOpen: boolean; json: boolean },
): Promise<FollowEnd> {
  const { terminal } = app;
  const { goal, stream, turnOpen, json } = options;
  const detach = new AbortController();
  const interrupts = terminal.onInterrupt(() => {
    detach.abort();
  });
  const show = async (sink: FollowSink): Promise<FollowEnd> =>
    followGoal({
      client,
      threadId: goal.threadId,
      stream,
      sink,
      turnOpen,
      signal: detach.signal,
    });
  try {
    if (json) return await show(new JsonSink(terminal));
    await using renderer = terminal.isScreen
      ? new ScreenRenderer(terminal)
      : new PlainRenderer(terminal);
    return await show(new HumanSink(renderer, goal, Date.now()));
  } finally {
    interrupts[Symbol.dispose]();
    await stream.return();
  }
}

/** Says where the goal stands and what to do next. */
export async function printEnd(
  app: App,
  client: GoaldClient,
  goal: Goal,
  end: FollowEnd,
): Promise<void> {
  const { terminal } = app;
  const { paint } = terminal;
  switch (end.kind) {
    case 'detached':
      terminal.writeError(
        `Detached. The goal goes on without you.\n${commandLines(nextCommands({ ...goal, status: 'active' }))}`,
      );
      return;
    case 'cleared':
      await terminal.write(`The goal was cleared (thread ${shortId(goal.threadId)}).\n`);
      return;
    case 'stopped': {
      const { report } = await client.request(requests.goalReport, { goalId: end.goal.goalId });
      const changes = diffStatLines(report.diffStat);
      await terminal.write(
        [
          '',
          standingText(report.goal, paint),
          ...questionLines(report.goal).slice(0, -1),
          paint.dim(usageText(report.goal)),
          ...changes.map((line) => `  ${line}`),
          '',
          commandLines(nextCommands(report.goal)),
        ].join('\n'),
      );
    }
  }
}
