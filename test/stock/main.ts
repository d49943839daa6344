import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { fetchReference } from '../bench/contestants/fetch-reference.js';
import { WorkFolder } from '../bench/support/folders.js';
import { makeRepository } from '../helpers/git-repository.js';
import { startModelServer } from '../helpers/model-server/index.js';
import { compare } from './compare.js';
import { unusedReasons } from './differences.js';
import { report, unexplained } from './report.js';
import { StockModel } from './scripted-model.js';
import { startServer, type Side } from './servers.js';
import { Stage, type Shot } from './stage.js';
import { play } from './steps.js';
import { WireTap } from './wire-tap.js';

// `npm run test:stock`: plays the script against both servers, compares the screens, writes docs/measurements/stock-client.md. `--keep DIR` keeps
// screens and frames.

const { values } = parseArgs({ options: { keep: { type: 'string' } } });
const DOCUMENT = join(import.meta.dirname, '../../docs/measurements/stock-client.md');

interface Played {
  readonly shots: readonly Shot[];
  readonly refused: ReadonlyMap<string, number>;
}

async function playAgainst(side: Side, program: string): Promise<Played> {
  await using work = await WorkFolder.make();
  const mind = new StockModel();
  await using model = await startModelServer({ script: mind.script });
  const files = { 'a.txt': 'one\n', 'AGENTS.md': 'Be brief.\n' };
  const repository = await makeRepository(join(work.path, 'repo'), files);
  const where = { folder: work.path, repository, program };
  await using server = await startServer(side, { ...where, modelUrl: model.url });
  await using tap = await WireTap.open(server.url);
  await using stage = new Stage(server, tap, mind, where);
  try {
    await play(stage);
  } finally {
    if (values.keep !== undefined) await keep(resolve(values.keep), side, stage.shots, tap);
  }
  return { shots: stage.shots, refused: refusedBy(tap) };
}

/** Methods that were answered with an error and what it said, and how often. */
function refusedBy(tap: WireTap): Map<string, number> {
  const refused = new Map<string, number>();
  for (const { method, answer } of tap.asked()) {
    if (answer === 'ok' || answer === 'none') continue;
    const said = `\`${method}\`: ${answer}`;
    refused.set(said, (refused.get(said) ?? 0) + 1);
  }
  return refused;
}

async function keep(
  folder: string,
  side: Side,
  shots: readonly Shot[],
  { frames }: WireTap,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  const screens = shots.map(({ step, screen }) => `######## ${step ?? '(passed)'}\n${screen}\n`);
  await writeFile(join(folder, `${side}.txt`), screens.join(''));
  const lines = frames.map((frame) => `${JSON.stringify(frame)}\n`);
  await writeFile(join(folder, `${side}.jsonl`), lines.join(''));
}

const program = await fetchReference((folder) => {
  process.stdout.write(`fetching the stock client (400 MB) into ${folder}\n`);
});
const reference = await playAgainst('reference', program);
const goald = await playAgainst('goald', program);
const compared = compare({ reference: reference.shots, goald: goald.shots });
await writeFile(DOCUMENT, report(compared, goald.refused));
const unknown = unexplained(compared);
for (const line of unknown) process.stdout.write(`${line}\n`);
process.stdout.write(
  `${String(compared.length)} steps, ${String(unknown.length)} differences without a reason\n`,
);
const unused = unusedReasons();
for (const reason of unused)
  process.stdout.write(`no difference needs this reason any more: ${reason}\n`);
if (unknown.length + unused.length > 0) process.exitCode = 1;
