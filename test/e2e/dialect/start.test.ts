import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { requests, type ConfigEdit } from '@goald/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QUICK } from '../../helpers/goal-setup.js';
import { ApiWorld } from '../api/support/api-world.js';
import { CLAIM } from '../api/support/scripts.js';
import { refused } from '../people/support/people.js';

// What a client of the dialect asks for before it shows anything.

let world: ApiWorld;
beforeAll(async () => {
  const pricing = { 'the-priced-model': { input: 1, output: 2 }, '*': { input: 1, output: 1 } };
  world = await ApiWorld.start({ ...QUICK, model: { name: 'the-model' }, pricing });
});
afterAll(() => world[Symbol.asyncDispose]());

const folder = async (name: string): Promise<string> => {
  const path = world.path(name);
  await mkdir(path, { recursive: true });
  return path;
};
const edit = (keyPath: string, value: unknown): ConfigEdit => ({
  keyPath,
  value,
  mergeStrategy: 'replace',
});
const trustOf = async (cwd: string): Promise<string | null> =>
  (await world.ws.request(requests.folderTrustRead, { cwd })).trust;

describe('config', () => {
  it('shows the model, the features and the folders that the user was asked about', async () => {
    const cwd = await folder('shown');
    const before = await world.ws.request(requests.configRead, { cwd, includeLayers: true });
    expect(before.config).toMatchObject({ model: 'the-model', features: { goals: true } });
    expect(before.config.projects[cwd]).toBeUndefined();
    await world.ws.request(requests.folderTrustSet, { path: cwd, trust: 'trusted' });
    const { config, layers } = await world.ws.request(requests.configRead, {
      cwd,
      includeLayers: true,
    });
    expect(config.projects[cwd]).toEqual({ trust_level: 'trusted' });
    expect(layers?.[0]).toMatchObject({
      name: { type: 'user', file: join(world.home, 'config.json') },
      config: { projects: { [cwd]: { trust_level: 'trusted' } } },
    });
  });

  it('names a folder in a trusted repository as it was asked for', async () => {
    const { repository } = await world.place(() => CLAIM);
    const cwd = join(repository, 'src');
    await mkdir(cwd);
    await world.ws.request(requests.folderTrustSet, { path: repository, trust: 'trusted' });
    const { config } = await world.ws.request(requests.configRead, { cwd });
    expect(config.projects).toMatchObject({
      [cwd]: { trust_level: 'trusted' },
      [repository]: { trust_level: 'trusted' },
    });
  });

  it('takes trust, and taking it back, in every form a client writes it', async () => {
    const cwd = await folder('a "quoted" folder');
    const quoted = `projects.${JSON.stringify(cwd)}`;
    const batch = async (...edits: ConfigEdit[]): Promise<unknown> =>
      world.ws.request(requests.configBatchWrite, { edits, reloadUserConfig: true });
    await batch(edit(`${quoted}.trust_level`, 'trusted'));
    expect(await trustOf(cwd)).toBe('trusted');
    await batch(edit(quoted, { trust_level: 'untrusted' }));
    expect(await trustOf(cwd)).toBe('untrusted');
    await batch({
      ...edit('projects', { [cwd]: { trust_level: 'trusted' } }),
      mergeStrategy: 'upsert',
    });
    expect(await trustOf(cwd)).toBe('trusted');
    await world.ws.request(requests.configValueWrite, edit(`${quoted}.trust_level`, null));
    expect(await trustOf(cwd)).toBeNull();
    await batch(edit(`projects.'${cwd}'`, { trust_level: 'trusted' }));
    expect(await trustOf(cwd)).toBe('trusted');
    await batch(edit('projects', {}));
    expect((await world.ws.request(requests.folderTrustList, {})).data).toEqual([]);
  });

  it.each([
    ['another key', edit('model', 'other'), 'policy_refused'],
    ['the provider', edit('model_providers.x.base_url', 'http://evil.example'), 'policy_refused'],
    ['another key of a folder', edit('projects."/x".sandbox', 'none'), 'policy_refused'],
    ['a level that is none', edit('projects."/".trust_level', 'yes'), 'invalid_params'],
    ['no path of keys', edit('projects."/x', 'trusted'), 'invalid_params'],
    [
      'a folder that is not there',
      edit('projects."/no/such".trust_level', 'trusted'),
      'invalid_params',
    ],
  ])('refuses %s, and writes nothing of a batch that has it', async (_what, wrong, code) => {
    const cwd = await folder('batch');
    const edits = [edit(`projects.${JSON.stringify(cwd)}.trust_level`, 'trusted'), wrong];
    expect(await refused(world.ws.request(requests.configBatchWrite, { edits }))).toMatchObject({
      code,
    });
    expect(await trustOf(cwd)).toBeNull();
  });

  it('refuses to write another file, and what was read before somebody else wrote', async () => {
    const cwd = await folder('versions');
    const one = edit(`projects.${JSON.stringify(cwd)}.trust_level`, 'untrusted');
    const elsewhere = { ...one, filePath: '/etc/passwd' };
    expect(await refused(world.ws.request(requests.configValueWrite, elsewhere))).toMatchObject({
      code: 'policy_refused',
    });
    const { layers } = await world.ws.request(requests.configRead, { includeLayers: true });
    const expectedVersion = layers?.[0]?.version ?? '';
    const written = await world.ws.request(requests.configValueWrite, { ...one, expectedVersion });
    expect(written.version).not.toBe(expectedVersion);
    const again = world.ws.request(requests.configValueWrite, { ...one, expectedVersion });
    expect(await refused(again)).toMatchObject({ code: 'revision_conflict' });
  });
});

describe('lists', () => {
  it('models: the configuration’s first, those with a price, and those the provider offers', async () => {
    const { data } = await world.ws.request(requests.modelList, {});
    expect(data.map(({ model }) => model)).toEqual(['the-model', 'the-priced-model', 'scripted']);
    expect(data.map(({ isDefault }) => isDefault)).toEqual([true, false, false]);
    const first = await world.ws.request(requests.modelList, { limit: 2 });
    const { data: rest, nextCursor } = await world.ws.request(requests.modelList, {
      cursor: first.nextCursor,
    });
    expect([rest.map(({ model }) => model), nextCursor]).toEqual([['scripted'], null]);
  });

  it('what goald has none of is an empty list for every folder asked about', async () => {
    const cwds = ['/a', '/b'];
    const { data: hooks } = await world.ws.request(requests.hooksList, { cwds });
    expect(hooks).toEqual(cwds.map((cwd) => ({ cwd, hooks: [], warnings: [], errors: [] })));
    const { data: skills } = await world.ws.request(requests.skillsList, { cwds });
    expect(skills).toEqual(cwds.map((cwd) => ({ cwd, skills: [], errors: [] })));
    expect(await world.ws.request(requests.pluginInstalled, { cwds })).toEqual({
      marketplaces: [],
      marketplaceLoadErrors: [],
    });
  });

  it('features are those the configuration can switch', async () => {
    const { data } = await world.ws.request(requests.experimentalFeatureList, {});
    expect(data.map(({ name, enabled }) => [name, enabled])).toEqual([
      ['goals', true],
      ['goal_tools', true],
    ]);
  });

  it('accounts and demands of administrators: none, and none needed', async () => {
    expect(await world.ws.request(requests.accountRead, {})).toMatchObject({
      account: null,
      requiresOpenaiAuth: false,
    });
    const read = await world.ws.request(requests.configRequirementsRead, {});
    expect(read.requirements).toBeNull();
  });
});

describe('threads', () => {
  const list = async (params: object): Promise<string[]> =>
    (await world.ws.request(requests.threadList, { limit: 1000, ...params })).data.map(
      ({ id }) => id,
    );

  it('are filtered by where they come from, and by what goald has none of', async () => {
    const { threadId } = await world.place(() => CLAIM);
    const other = await world.place(() => CLAIM, { client: world.unix });
    expect(await list({ sourceKinds: [], modelProviders: [], originators: [] })).toContain(
      threadId,
    );
    // What the stock client's picker asks for.
    expect(await list({ sourceKinds: ['cli', 'vscode'], modelProviders: ['openai'] })).toContain(
      threadId,
    );
    expect(await list({ sourceKinds: ['exec'] })).toEqual([]);
    expect(await list({ modelProviders: ['another'] })).toEqual([]);
    expect(await list({ sectionId: 'pinned', sortKey: 'section_position' })).toEqual([]);
    expect(await list({ projectId: 'p' })).toEqual([]);
    expect(await list({ excludedThreadIds: [threadId] })).not.toContain(threadId);
    expect(await list({ originators: ['on-unix'] })).toEqual([other.threadId]);
  });

  it('that would leave nothing behind are refused, because goald keeps every thread', async () => {
    const asked = world.ws.request(requests.threadStart, { cwd: world.home, ephemeral: true });
    expect(await refused(asked)).toMatchObject({ code: 'feature_disabled' });
  });
});
