import type { Command } from 'commander';
import type { EventStream, GoaldClient } from '@goald/client';
import { type GoalEvent, requests } from '@goald/protocol';
import { type App, type GlobalFlags, openClient } from '../app.js';
import { parseSeq } from '../args/amounts.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { exitOf } from '../goals/attached.js';
import { pickGoal } from '../goals/pick-goal.js';
import { eventText } from '../output/event-text.js';
import { followGoal, turnInFlight } from '../progress/follow.js';
import { parsed, type RunCommand, THREAD_HELP } from './shared.js';

interface WatchFlags {
  readonly json?: true;
  readonly since?: number;
  readonly thread?: string;
  readonly untilDone?: true;
}

export function registerWatch(program: Command, app: App, run: RunCommand): void {
  program
    .command('watch')
    .summary('print events as they happen')
    .description(
      'Prints every durable event of all goals, one a line, until it is killed. It follows the daemon over restarts and misses nothing.',
    )
    .option('--json', 'one JSON object a line')
    .option('--since <seq>', 'begin after this event; 0: from the first there is', parsed(parseSeq))
    .option('--thread <thread>', `only one goal’s events: ${THREAD_HELP}`)
    .option('--until-done', 'end when that goal stops, with its exit code')
    .action(async (_flags: unknown, command: Command) => {
      await run(() => watch(app, command.optsWithGlobals<WatchFlags & GlobalFlags>()));
    });
}

type Print = (event: GoalEvent) => Promise<void>;

async function watch(app: App, flags: WatchFlags & GlobalFlags): Promise<ExitCode> {
  const { terminal } = app;
  await using client = await openClient(app, flags, { start: false });
  const one = flags.thread !== undefined || flags.untilDone === true;
  const threadId = one
    ? (await pickGoal(client, { ref: flags.thread, cwd: terminal.cwd, complete: 'too' })).threadId
    : undefined;
  const print = async (event: GoalEvent): Promise<void> => {
    const text = flags.json === true ? JSON.stringify(event) : eventText(event, terminal.paint);
    await terminal.write(`${text}\n`);
  };
  const stop = new AbortController();
  const interrupts = terminal.onInterrupt(() => {
    stop.abort();
  });
  await using stream = client.events({
    sinceSeq: flags.since,
    threadIds: threadId === undefined ? undefined : [threadId],
    signal: stop.signal,
  });
  try {
    if (threadId !== undefined && flags.untilDone === true) {
      return await untilDone(client, { threadId, stream, print, signal: stop.signal, flags });
    }
    for await (const event of stream) await print(event);
    return EXIT.detached;
  } finally {
    interrupts[Symbol.dispose]();
  }
}

async function untilDone(
  client: GoaldClient,
  options: {
    threadId: string;
    stream: EventStream;
    print: Print;
    signal: AbortSignal;
    flags: WatchFlags;
  },
): Promise<ExitCode> {
  const { threadId, stream, print, signal, flags } = options;
  await stream.ready;
  const { goal } = await client.request(requests.threadGoalGet, { threadId });
  if (goal?.status === 'active') {
    const sink = { event: print, input: () => undefined };
    const turnOpen = turnInFlight(goal);
    return exitOf(await followGoal({ client, threadId, stream, sink, turnOpen, signal }));
  }
  if (flags.since !== undefined) await printStored(client, threadId, flags.since, print);
  return goal === null ? EXIT.cleared : exitOf({ kind: 'stopped', goal });
}

/** What is stored of a goal that has stopped before. */
async function printStored(
  client: GoaldClient,
  threadId: string,
  since: number,
  print: Print,
): Promise<void> {
  for (let sinceSeq = since; ;) {
    const page = await client.request(requests.goalEventsList, { threadId, sinceSeq });
    if (page.data.length === 0) return;
    for (const event of page.data) await print(event);
    sinceSeq = page.nextSeq;
  }
}
