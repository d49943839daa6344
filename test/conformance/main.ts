import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startVitest } from 'vitest/node';
import { fetchReference } from '../bench/contestants/fetch-reference.js';
import { RECORD_VARIABLE } from './support/recorder.js';
import { ReferenceSchema } from './support/reference-schema.js';
import { RUN_VARIABLE, type ConformanceRun } from './support/run-options.js';

const HELP = `Holds what goald says against the reference's own schemas, and what it answers against the reference itself.

Usage: npm run test:conformance -- [--only NAME] [--part PATH] [--recorded DIR]

  --only NAME      messages, requests or differential
  --part PATH      run and record only these tests of the suite
  --recorded DIR   take what an earlier run recorded there; where nothing is, record there and keep it
`;

const ROOT = join(import.meta.dirname, '../..');

const { values } = parseArgs({
  options: {
    part: { type: 'string' },
    recorded: { type: 'string' },
    only: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});

if (values.help) process.stdout.write(HELP);
else await run();

async function run(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'goald-conformance-'));
  try {
    const program = await fetchReference((cache) => {
      process.stderr.write(`Fetching the reference (400 MB, once) into ${cache}\n`);
    });
    const schemas = join(folder, 'schemas');
    await ReferenceSchema.generate(program, schemas);
    const recorded = values.recorded ?? join(folder, 'recorded');
    if (!existsSync(recorded)) await record(recorded);
    const handedOn: ConformanceRun = { program, schemas, recorded };
    await startVitest('test', [], {
      root: join(ROOT, 'test'),
      config: false,
      watch: false,
      include: [`conformance/${values.only ?? '*'}.test.ts`],
      testTimeout: 120_000,
      hookTimeout: 60_000,
      env: { [RUN_VARIABLE]: JSON.stringify(handedOn) },
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs the whole test-suite and writes down what its daemons say. */
async function record(folder: string): Promise<void> {
  const part = values.part === undefined ? [] : [values.part];
  const flags = ['run', '--config', 'test/vitest.config.ts', '--reporter', 'dot', ...part];
  const suite = spawn(process.execPath, [join(ROOT, 'node_modules/vitest/vitest.mjs'), ...flags], {
    cwd: ROOT,
    env: { ...process.env, [RECORD_VARIABLE]: folder },
    stdio: 'inherit',
  });
  const [code] = (await once(suite, 'exit')) as [number | null];
  if (code !== 0) throw new Error('The test-suite fails: see to that first.');
}
