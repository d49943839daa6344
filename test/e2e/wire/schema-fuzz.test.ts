import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { requests, type RequestName } from '@goald/protocol';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startDaemon, type DaemonProcess } from '../../helpers/daemon/daemon-process.js';
import { QUICK } from '../../helpers/goal-setup.js';
import { RpcClient } from '../../helpers/rpc/rpc-client.js';
import { tempFolder, type TempFolder } from '../../helpers/temp-folder.js';
import { anyValid, paramsSchema, spoil } from '../../helpers/wire/any-params.js';
import { SocketWire } from '../../helpers/wire/connections.js';
import { scaled } from '../../helpers/wire/scale.js';

const RUNS = scaled(25, 1000);
const TIMEOUT_MS = scaled(120_000, 900_000);
const NAMES = Object.keys(requests).filter(
  (name): name is RequestName => name in requests && name !== 'initialize',
);

let folder: TempFolder;
let daemon: DaemonProcess;
let wire: SocketWire;
let serial = 0;

beforeAll(async () => {
  folder = await tempFolder();
  const config = {
    ...QUICK,
    // Nobody listens there: turns end by themselves.
    model: { baseUrl: 'http://127.0.0.1:9/v1' },
    engine: { ...QUICK.engine, userTurnMaxRetries: 0 },
  };
  daemon = await startDaemon({
    home: join(folder.path, 'h'),
    config,
    env: { OPENAI_API_KEY: 'sk' },
  });
  await writeFile(join(folder.path, 'a.gif'), 'GIF89a');
  wire = await SocketWire.open(`unix://${daemon.paths.socket}`);
  await ask(requests.initialize.method, { clientInfo: { name: 'fuzz', version: '1' } });
});

afterAll(async () => {
  await wire[Symbol.asyncDispose]();
  await daemon[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** The data.code of the answer, or null for a result. */
async function ask(method: string, params: unknown, on = wire): Promise<string | null> {
  serial += 1;
  const { error } = (await on.ask(serial, method, params)) as {
    error?: { data: { code: string } };
  };
  return error?.data.code ?? null;
}

async function newThread(): Promise<string> {
  serial += 1;
  const { method, result } = requests.threadStart;
  const answer = await wire.ask(serial, method, { cwd: folder.path });
  return result.parse(answer['result']).thread.id;
}

/** Generated parameters, with what only this daemon can know put right: its threads and folders; cursors are its own to make. */
function inPlace(name: RequestName, params: unknown, threadId: string): Record<string, unknown> {
  const given = params as Record<string, unknown>;
  const has = (key: string): boolean => given[key] != null;
  return {
    ...given,
    ...(has('cursor') ? { cursor: null } : {}),
    ...(has('cwd') ? { cwd: folder.path } : {}),
    // One in three means a thread that is not there.
    ...(has('threadId') && serial % 3 > 0 ? { threadId } : {}),
    ...(name === 'goalWait' ? { timeoutMs: 1 } : {}),
    // Exactly one of the two names a goal; JSON Schema does not say so.
    ...(name === 'goalReport' || name === 'goalUsage'
      ? has('goalId')
        ? { threadId: null }
        : { threadId }
      : {}),
    // An image is one by its bytes; JSON Schema does not say so.
    ...(has('input') ? { input: (given['input'] as object[]).map(realImage) } : {}),
    // A server is a program or an address; JSON Schema does not say so.
    ...(has('config') ? { config: { mcp_servers: { one: { command: 'none' } } } } : {}),
    ...(name === 'folderTrustSet' ? { path: folder.path } : {}),
    // Only some keys can be written.
    ...(name === 'configValueWrite' ? trustEdit() : {}),
    ...(name === 'configBatchWrite'
      ? { edits: (given['edits'] as object[]).map((edit) => ({ ...edit, ...trustEdit() })) }
      : {}),
    // The lines of a file have a schema of their own each; here a file begins, and no line has come yet.
    ...(name === 'threadImport' ? { firstLine: 1, rows: [], isLast: false } : {}),
  };
}

const realImage = (part: object): object => ({
  ...part,
  ...('url' in part ? { url: 'https://example.com/a.png' } : {}),
  ...('path' in part ? { path: join(folder.path, 'a.gif') } : {}),
});

const trustEdit = (): object => ({
  keyPath: `projects."${folder.path}".trust_level`,
  value: 'trusted',
});

describe.each(NAMES)('%s', (name) => {
  const { method, params } = requests[name];
  const schema = paramsSchema(params);

  it(
    'accepts what its schema allows and refuses it with one thing wrong',
    { timeout: TIMEOUT_MS },
    async () => {
      const threadId = await newThread();
      let wrong = 0;
      await fc.assert(
        fc.asyncProperty(anyValid(schema), async (generated) => {
          const valid = inPlace(name, generated, threadId);
          const code = await ask(method, valid);
          expect({ valid, code }).not.toMatchObject({ code: 'invalid_params' });
          expect({ valid, code }).not.toMatchObject({ code: 'internal' });
          const spoiled = spoil(schema, valid);
          wrong += spoiled.length;
          const codes = await Promise.all(spoiled.map((bad) => ask(method, bad.params)));
          for (const [index, bad] of spoiled.entries()) {
            expect({ ...bad, code: codes[index] }).toMatchObject({ code: 'invalid_params' });
          }
        }),
        { numRuns: RUNS, seed: 20_260 },
      );
      // Where nothing is asked for nothing can be wrong.
      const fields = Object.keys(schema.properties ?? {}).length;
      expect(wrong).toBeGreaterThanOrEqual(fields === 0 ? 0 : RUNS);
      expect(daemon.exited).toBe(false);
    },
  );
});

describe('initialize', () => {
  const { method, params } = requests.initialize;
  const schema = paramsSchema(params);

  it(
    'accepts what its schema allows and refuses it with one thing wrong',
    { timeout: TIMEOUT_MS },
    async () => {
      await fc.assert(
        fc.asyncProperty(anyValid(schema), async (valid) => {
          await using fresh = await SocketWire.open(`unix://${daemon.paths.socket}`);
          for (const bad of spoil(schema, valid)) {
            const code = await ask(method, bad.params, fresh);
            expect({ ...bad, code }).toMatchObject({ code: 'invalid_params' });
          }
          expect(await ask(method, valid, fresh)).toBeNull();
        }),
        { numRuns: RUNS, seed: 20_260 },
      );
    },
  );
});

it('the daemon is well afterwards, and every goal it then has can be read', async () => {
  await using client = await RpcClient.connect(`unix://${daemon.paths.socket}`);
  const threadId = await newThread();
  await client.request(requests.threadGoalSet, { threadId, objective: 'Last.', status: 'paused' });
  const { data } = await client.request(requests.goalList, { limit: 1000 });
  expect(data.length).toBeGreaterThan(0);
});
