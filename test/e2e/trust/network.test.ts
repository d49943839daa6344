import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { dirname, join } from 'node:path';
import { PROJECT_SETTINGS_PATH, requests, type ParamsInput } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ApiWorld, type Place } from '../api/support/api-world.js';
import { CLAIM } from '../api/support/scripts.js';

let world: ApiWorld;
let server: Server;
beforeAll(async () => {
  world = await ApiWorld.start();
  server = createServer((socket) => socket.end()).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(async () => {
  server.close();
  await world[Symbol.asyncDispose]();
});

/** A command that notes whether a server of the machine can be reached. */
function call(): string {
  const address = server.address();
  const port = address === null || typeof address === 'string' ? 0 : address.port;
  return `(exec 3<>/dev/tcp/127.0.0.1/${String(port)}) && echo reached > found || echo cut off > found`;
}

async function settle(made: Place, text: string): Promise<void> {
  const file = join(made.repository, PROJECT_SETTINGS_PATH);
  await mkdir(dirname(file), { recursive: true });
  await writeFile(file, text);
}

async function project(text: string): Promise<Place> {
  const made = await world.place(() => CLAIM);
  await settle(made, text);
  return made;
}

async function trust({ repository }: Place, answer: 'trusted' | 'untrusted' | null): Promise<void> {
  await world.ws.request(requests.folderTrustSet, { path: repository, trust: answer });
}

/** What the thread says of its network, as clients show it beside a goal. */
async function shown({ threadId }: Place): Promise<boolean | null> {
  const { sandbox } = await world.ws.request(requests.threadResume, { threadId });
  return sandbox.type === 'dangerFullAccess' ? null : sandbox.networkAccess;
}

type GoalSettings = Partial<ParamsInput<typeof requests.threadGoalSet>>;

/** What a command of a goal that runs now finds. */
async function found(made: Place, settings: GoalSettings = {}): Promise<string> {
  await made.setGoal({
    ...{ objective: 'Look around.', status: 'active', ...settings },
    verification: [{ name: 'network', command: call() }],
  });
  await made.stopped();
  return (await readFile(join(made.repository, 'found'), 'utf8')).trim();
}

describe('the network that a repository allows its commands', () => {
  it('is there only while the user trusts the folder', async () => {
    const made = await project('{ "sandbox": { "network": true } }');
    expect(await shown(made)).toBe(false);
    expect(await found(made)).toBe('cut off');
    await trust(made, 'trusted');
    expect(await shown(made)).toBe(true);
    expect(await found(made)).toBe('reached');
    await trust(made, null);
    expect(await shown(made)).toBe(false);
    await trust(made, 'untrusted');
    expect(await shown(made)).toBe(false);
  });

  it('yields to what the goal says', async () => {
    const made = await project('{ "sandbox": { "network": true } }');
    await trust(made, 'trusted');
    expect(await found(made, { networkAccess: false })).toBe('cut off');
  });

  it('is that of the settings as they are now, and none while they cannot be used', async () => {
    const made = await project('{ "sandbox": { "network": true } }');
    await trust(made, 'trusted');
    expect(await shown(made)).toBe(true);
    await settle(made, '{ "sandbox": { "network": true }');
    expect(await shown(made)).toBe(false);
    await settle(made, '{ "sandbox": { "network": true } }');
    expect(await shown(made)).toBe(true);
    await settle(made, '{ "sandbox": { "network": false } }');
    expect(await shown(made)).toBe(false);
  });

  it('is all that settings may say of the sandbox', async () => {
    const made = await project('{ "sandbox": { "network": true, "mode": "danger-full-access" } }');
    await trust(made, 'trusted');
    expect(await shown(made)).toBe(false);
    const { problem } = await world.ws.request(requests.folderTrustRead, { cwd: made.repository });
    expect(problem).toContain('sandbox');
  });
});

describe('the network that the user allows', () => {
  it('is not there where a trusted repository does without', async () => {
    await using open = await ApiWorld.start({ sandbox: { network: true } });
    const made = await open.place(() => CLAIM);
    const resumed = () => open.ws.request(requests.threadResume, { threadId: made.threadId });
    expect((await resumed()).sandbox).toMatchObject({ networkAccess: true });
    await settle(made, '{ "sandbox": { "network": false } }');
    await open.ws.request(requests.folderTrustSet, { path: made.repository, trust: 'trusted' });
    expect((await resumed()).sandbox).toMatchObject({ networkAccess: false });
  });
});
