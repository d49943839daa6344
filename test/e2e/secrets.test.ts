import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requests } from '@goald/protocol';
import { expect, it } from 'vitest';
import { goalSetup } from '../helpers/goal-setup.js';
import { byProgress, calls, says, sequence, toolCall } from '../helpers/model-server/index.js';

/** What goalSetup gives the daemon as OPENAI_API_KEY. */
const API_KEY = 'sk-test-secret';

/** Files under a folder that hold one of the texts, sockets left out. */
function filesWith(folder: string, texts: readonly string[], except: readonly string[]): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !except.includes(path))
    .filter((path) => texts.some((text) => readFileSync(path).includes(text)));
}

it('after a whole goal neither the token nor the API key stands in logs, database, events or the repository', async () => {
  const work = byProgress(
    calls(toolCall('shell', { command: 'env; echo "key: $OPENAI_API_KEY"' })),
    calls(toolCall('shell', { command: 'env > environment.txt; cat environment.txt' })),
    calls(
      toolCall('set_goal', {
        status: 'complete',
        evidence: [{ criterion: 'printed', proof: 'environment.txt is there' }],
      }),
    ),
    says('This must never be asked for.'),
  );
  await using setup = await goalSetup({
    script: sequence(
      { fault: { kind: 'status', status: 500, body: { error: { message: `bad ${API_KEY}` } } } },
      work,
      work,
      work,
    ),
    config: {
      log: { level: 'debug' },
      engine: { retryBaseMs: 1, retryMaxMs: 5 },
    },
  });
  const token = await setup.daemon.token();
  const secrets = [API_KEY, token];
  await setup.client.request(requests.goalSubscribe, { sinceSeq: 0 });
  await setup.setGoal({
    objective: 'Print the environment.',
    verification: [{ name: 'environment', command: 'env && test -s environment.txt' }],
  });
  expect(await setup.stopped()).toMatchObject({ status: 'complete', verified: true });
  await setup.client.request(requests.goalReport, { threadId: setup.threadId });
  const received = JSON.stringify(setup.client.log);
  expect(received).toContain('environment.txt');
  expect(secrets.filter((secret) => received.includes(secret))).toEqual([]);
  expect(setup.model.requests.length).toBeGreaterThan(3);
  const asked = JSON.stringify(setup.model.requests.map(({ body }) => body));
  expect(secrets.filter((secret) => asked.includes(secret))).toEqual([]);

  expect(filesWith(setup.home, secrets, [])).toEqual([setup.daemon.paths.token]);
  await setup.daemon.kill('SIGTERM');
  expect(filesWith(setup.home, secrets, [setup.daemon.paths.token])).toEqual([]);
  expect(filesWith(setup.repository, secrets, [])).toEqual([]);
  expect(readdirSync(setup.daemon.paths.logs)).toContain('goald.log');
});
