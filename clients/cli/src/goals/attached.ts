import type { EventStream, GoaldClient } from '@goald/client';
import { type EventType, type Goal, requests } from '@goald/protocol';
import type { App } from '../app.js';
import { EXIT, EXIT_OF_STATUS, type ExitCode } from '../exit-codes.js';
import { pendingApproval } from '../output/approval-text.js';
import { shortId } from '../output/format.js';
import { standingText, usageText } from '../output/goal-text.js';
import { commandLines, nextCommands } from '../output/next-commands.js';
import { questionLines } from '../output/question-text.js';
import { diffStatLines } from '../output/report-text.js';
import { oneLine } from '../output/text.js';
import { followGoal, type FollowEnd, type FollowSink } from '../progress/follow.js';
import { PlainRenderer } from '../progress/plain-renderer.js';
import { ScreenRenderer } from '../progress/screen-renderer.js';
import type { PersonHere } from '../people/ask-here.js';
import { HumanSink, JsonSink } from '../progress/sinks.js';

const LAST_LOOK_MS = 1000;
const SHOWN_BY_ASKING: readonly EventType[] = ['approval.requested'];

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
 * `goal` was read. `json`: events as JSON lines on stdout and nothing else there. `person`: is asked what the
 * agent asks, on this screen.
 */
export async function stayAttached(
  app: App,
  client: GoaldClient,
  options: {
    goal: Goal;
    stream: EventStream;
    turnOpen: boolean;
    json: boolean;
    person?: PersonHere | null;
  },
): Promise<FollowEnd> {
  const { terminal } = app;
  const { goal, stream, turnOpen, json, person = null } = options;
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
    const sink = new HumanSink(renderer, goal, Date.now(), person === null ? [] : SHOWN_BY_ASKING);
    person?.lend({
      aside: (ask) => sink.aside(ask),
      leave: () => {
        detach.abort();
      },
    });
    return await show(sink);
  } finally {
    interrupts[Symbol.dispose]();
    await stream.return();
  }
}

/** What a person who leaves can do later. The daemon may be gone, and nobody waits for it here. */
async function detachedText(client: GoaldClient, { threadId, ...goal }: Goal): Promise<string> {
  const signal = AbortSignal.timeout(LAST_LOOK_MS);
  const last = await client
    .request(requests.threadGoalGet, { threadId }, { signal })
    .catch(() => ({ goal: null }));
  const pending = last.goal === null ? undefined : pendingApproval(last.goal);
  if (last.goal !== null && pending !== undefined) {
    const next = commandLines(nextCommands({ ...last.goal, status: 'paused' }));
    return `Detached. The goal waits until somebody decides: ${oneLine(pending.what)}\n${next}`;
  }
  const next = commandLines(nextCommands({ ...goal, threadId, status: 'active' }));
  return `Detached. The goal goes on without you.\n${next}`;
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
      terminal.writeError(await detachedText(client, goal));
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
