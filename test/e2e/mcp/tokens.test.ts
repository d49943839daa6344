import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { notifications, requests } from '@goald/protocol';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { goalSetup, QUICK, type GoalSetup } from '../../helpers/goal-setup.js';
import { GuardedHttpMcp } from '../../helpers/mcp/http-server.js';
import { byProgress, calls, type Script, toolCall } from '../../helpers/model-server/index.js';
import { CLAIM } from '../api/support/scripts.js';
import { mcpItems, status } from './support/mcp-goal.js';

const TOKEN = 'token-of-the-docs-4711';
const CALL = calls(toolCall('mcp__docs__whoami', {}));

let server: GuardedHttpMcp;
beforeEach(async () => {
  server = await GuardedHttpMcp.start(TOKEN);
});
afterEach(() => server[Symbol.asyncDispose]());

/** A goal whose daemon has the server, and in its environment the token that was given for it. */
async function guarded(script: Script, token: string): Promise<GoalSetup> {
  const mcpServers = { docs: { url: server.url, bearerTokenEnvVar: 'DOCS_TOKEN' } };
  const setup = await goalSetup({ script, config: { ...QUICK, mcpServers } });
  const env = {
    OPENAI_BASE_URL: setup.model.url,
    OPENAI_API_KEY: 'sk-test-secret',
    DOCS_TOKEN: token,
  };
  await setup.restart({ env });
  await setup.client.request(requests.threadResume, { threadId: setup.threadId });
  return setup;
}

it('a token in the environment opens a server over HTTP, and nobody gets to read it', async () => {
  let read: readonly string[] = [];
  await using setup = await guarded(
    byProgress(CALL, (request) => {
      read = request.lastToolOutputs;
      return CLAIM;
    }),
    TOKEN,
  );
  await setup.setGoal({ objective: 'Ask who I am.' });
  expect((await setup.stopped()).status).toBe('complete');
  expect(read).toEqual(['ada']);
  const seen = await status(setup, 'docs');
  expect(seen).toMatchObject({ runtimeStatus: 'connected', authStatus: 'bearerToken' });
  const log = await readFile(join(setup.daemon.paths.logs, 'goald.log'), 'utf8');
  const sent = setup.model.requests.map(({ rawBody }) => rawBody);
  expect(JSON.stringify([seen, setup.client.log, log, sent])).not.toContain(TOKEN);
});

it('a server that refuses the token is left out, says so, and does not keep the turn', async () => {
  let read: readonly string[] = [];
  let offered: readonly string[] = [];
  await using setup = await guarded(
    byProgress(
      (request) => {
        offered = request.toolNames;
        return CALL;
      },
      (request) => {
        read = request.lastToolOutputs;
        return CLAIM;
      },
    ),
    'another token',
  );
  await setup.setGoal({ objective: 'Ask who I am.' });
  expect((await setup.stopped()).status).toBe('complete');
  expect(offered).not.toContain('mcp__docs__whoami');
  expect(read[0]).toMatch(
    /There is no tool named "mcp__docs__whoami".*\nNot there: docs: it wants another authorization \(HTTP 401\).* bearerTokenEnvVar/,
  );
  expect(await status(setup, 'docs')).toMatchObject({
    runtimeStatus: 'authenticationRequired',
    authStatus: 'notLoggedIn',
    tools: {},
  });
  const told = setup.client.all(notifications.mcpServerStartupStatusUpdated);
  expect(told.at(-1)).toMatchObject({
    name: 'docs',
    status: 'failed',
    failureReason: 'reauthenticationRequired',
  });
});

it('a token that ends in mid-turn fails the call with what is wrong, and the server is not tried again', async () => {
  let read: readonly string[] = [];
  await using setup = await guarded(
    byProgress(
      CALL,
      () => {
        server.token = 'a new one';
        return CALL;
      },
      (request) => {
        read = request.lastToolOutputs;
        return CLAIM;
      },
    ),
    TOKEN,
  );
  await setup.setGoal({ objective: 'Ask who I am.' });
  expect((await setup.stopped()).status).toBe('complete');
  expect(read[0]).toContain('The MCP server docs: it wants another authorization (HTTP 401)');
  expect(mcpItems(setup).map((item) => item.status)).toEqual(['completed', 'failed']);
  expect((await status(setup, 'docs')).runtimeStatus).toBe('authenticationRequired');
});
