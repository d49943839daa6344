import { fileURLToPath } from 'node:url';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type GoaldClient, stopDaemon } from '@goald/client';
import { type ConfigInput, type Goal, type GoalReport, requests } from '@goald/protocol';
import { type App, openClient } from '../app.js';
import type { ExitCode } from '../exit-codes.js';
import { exitOf, stayAttached } from '../goals/attached.js';
import { startGoal } from '../goals/start-goal.js';
import { formatDuration } from '../output/format.js';
import { standingText, usageText } from '../output/goal-text.js';
import { paintDiff } from '../output/paint-diff.js';
import { oneLine } from '../output/text.js';
import type { FollowEnd } from '../progress/follow.js';
import {
  makeSampleRepository,
  SAMPLE_CHECK,
  SAMPLE_OBJECTIVE,
  SAMPLE_TRANSCRIPT,
} from './sample-repository.js';

/** Where set-up links `goal` and `goald`. */
const BIN_FOLDER = fileURLToPath(new URL('../../../../node_modules/.bin', import.meta.url));

/**
 * Shows the daemon at work on a small repository made for the purpose, in a home of its own. `replay`: with the recorded model; else with
 * the one the environment names. Answers the goal's exit code.
 */
export async function runDemo(app: App, options: { replay: boolean }): Promise<ExitCode> {
  const { terminal } = app;
  const { paint } = terminal;
  const root = await mkdtemp(path.join(tmpdir(), 'goald-demo-'));
  const repository = path.join(root, 'repository');
  const home = path.join(root, 'home');
  const committed = await makeSampleRepository(repository);
  await makeHome(home, options.replay);
  const model = options.replay ? 'replay model, offline' : 'the model of your environment';
  await terminal.write(
    [
      `${paint.bold('goald demo')} (${model})`,
      options.replay
        ? 'Files, patches, commands and test runs are real; only the model’s words are recorded.'
        : 'A small sample repository, worked on by your own model.',
      committed ? '' : 'There is no git on this machine, so the sample is a plain folder.',
      `Repository: ${repository}`,
      `Goal: ${SAMPLE_OBJECTIVE}`,
      `Counts as complete only when this exits 0: ${SAMPLE_CHECK}`,
      '',
      '',
    ]
      .filter((line, index, all) => line !== '' || index >= all.length - 2)
      .join('\n'),
  );
  try {
    await using client = await openClient(app, { home }, { start: true });
    const { goal, stream } = await startGoal(client, {
      objective: SAMPLE_OBJECTIVE,
      cwd: repository,
      verify: [SAMPLE_CHECK],
      tokenBudget: 50_000,
    });
    const end = await stayAttached(app, client, { goal, stream, turnOpen: false, json: false });
    await printOutcome(app, client, goal, end);
    return exitOf(end);
  } finally {
    const stopped = await stopDaemon({ home, env: terminal.env, cwd: terminal.cwd });
    const daemon = stopped === null ? '' : 'The daemon of this demo is stopped. ';
    await terminal.write(`${daemon}The repository stays at ${repository}\n`);
  }
}

async function makeHome(home: string, replay: boolean): Promise<void> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const config: ConfigInput = replay
    ? { model: { provider: 'replay', name: 'replay', transcript: SAMPLE_TRANSCRIPT } }
    : {};
  await writeFile(path.join(home, 'config.json'), `${JSON.stringify(config, undefined, 2)}\n`);
}

async function printOutcome(
  app: App,
  client: GoaldClient,
  goal: Goal,
  end: FollowEnd,
): Promise<void> {
  const { terminal } = app;
  if (end.kind === 'detached') {
    await terminal.write('\nStopped by Ctrl-C; the demo does not go on without you.\n');
    return;
  }
  const { report } = await client.request(requests.goalReport, { goalId: goal.goalId });
  const { paint } = terminal;
  const diff = report.diff ?? '';
  await terminal.write(
    [
      '',
      ...(diff === '' ? [] : [paint.bold('Diff'), paintDiff(diff, paint), '']),
      ...checkLines(report),
      standingText(report.goal, paint),
      usageText(report.goal),
      '',
      paint.bold('Try next'),
      `  export PATH="${BIN_FOLDER}:$PATH"`,
      '  export OPENAI_API_KEY=…            your own model (or OPENAI_BASE_URL for a local one)',
      '  cd your/repository',
      '  goal run "<what shall be true in the end>" --verify "npm test"',
      '  goal          what is active now        goal attach   watch it work',
      '  goal report   what a goal did           goal --help   everything else',
      '',
      '',
    ].join('\n'),
  );
}

function checkLines(report: GoalReport): readonly string[] {
  const [newest, ...before] = report.verification;
  if (newest === undefined) return [];
  const refused = before.filter((run) => run.status === 'failed').length;
  const history = refused === 0 ? '' : `, after refusing ${String(refused)} earlier`;
  return newest.results.map(
    (result) =>
      `Test run by goald itself: ${oneLine(result.command)} → exit ${String(result.exitCode ?? 'none')} in ${formatDuration(result.durationMs)}${history}`,
  );
}
