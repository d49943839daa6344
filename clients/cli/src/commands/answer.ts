import type { Command } from 'commander';
import { requests } from '@goald/protocol';
import { type App, type GlobalFlags, openClient } from '../app.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CommandError, UsageError } from '../failures.js';
import { originOf } from '../goals/origin.js';
import { pickById } from '../goals/pick-by-id.js';
import { looksLikeId, pickGoal } from '../goals/pick-goal.js';
import { describeGoal } from '../output/goal-text.js';
import { openQuestion } from '../output/question-text.js';
import { type RunCommand, THREAD_HELP } from './shared.js';

interface AnswerFlags {
  readonly json?: true;
  readonly blocker?: string;
  readonly done?: true;
}

export function registerAnswer(program: Command, app: App, run: RunCommand): void {
  program
    .command('answer')
    .summary('answer what a goal asks, and let it go on')
    .description(
      'Answers the newest open question of a goal. The agent reads the answer next, and a goal that waited for it goes on.',
    )
    .usage('[options] [thread] "<answer>"')
    .argument('[thread]', THREAD_HELP)
    .argument('[answer]', 'what the agent shall know; asked for on a terminal when left out')
    .option('--blocker <id>', 'another than the newest: its id, or the start or end of one')
    .option('--done', 'no words: what stood in the way is gone')
    .option('--json', 'print the goal as JSON')
    .action(
      async (
        first: string | undefined,
        second: string | undefined,
        _flags: unknown,
        command: Command,
      ) => {
        const flags = command.optsWithGlobals<AnswerFlags & GlobalFlags>();
        await run(() => answer(app, flags, readArguments(first, second, flags)));
      },
    );
}

interface Said {
  readonly ref: string | undefined;
  readonly text: string | undefined;
}

/** One argument alone is the answer, unless it can only be an id. */
function readArguments(
  first: string | undefined,
  second: string | undefined,
  { done }: AnswerFlags,
): Said {
  if (second !== undefined) {
    if (done === true) throw new UsageError('Give either an answer or --done, not both.');
    return { ref: first, text: second };
  }
  if (first === undefined || done === true || looksLikeId(first)) {
    return { ref: first, text: undefined };
  }
  return { ref: undefined, text: first };
}

async function answer(app: App, flags: AnswerFlags & GlobalFlags, said: Said): Promise<ExitCode> {
  const { terminal } = app;
  if (said.text?.trim() === '') throw new UsageError('The answer is empty: say something.');
  if (said.text === undefined && flags.done !== true && !terminal.canAsk) {
    throw new UsageError('Say the answer: goal answer [thread] "<answer>", or pass --done.');
  }
  await using client = await openClient(app, flags, { start: true });
  const goal = await pickGoal(client, { ref: said.ref, cwd: terminal.cwd, complete: 'never' });
  const { threadId } = goal;
  let blockerId: string | undefined;
  if (flags.blocker !== undefined) {
    const { data } = await client.request(requests.goalBlockerList, { threadId });
    const ids = data.map((blocker) => blocker.blockerId);
    blockerId = pickById(ids, flags.blocker, 'blocker', 'goal blockers');
  }
  let { text } = said;
  if (text === undefined && flags.done !== true) {
    const asked = openQuestion(goal) ?? goal.statusReason?.message ?? 'Your answer';
    text = (await terminal.ask(`${asked}\n> `))?.trim();
    if (text === undefined || text === '') throw new CommandError('Nothing was answered.');
  }
  const resolved = await client.request(requests.goalBlockerResolve, {
    threadId,
    blockerId,
    answer: text,
    origin: originOf(app, client),
  });
  await terminal.write(
    flags.json === true
      ? `${JSON.stringify(resolved.goal)}\n`
      : describeGoal(resolved.goal, terminal.paint),
  );
  return EXIT.complete;
}
