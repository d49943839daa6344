import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { requests, type ExportRow, type ImportedThread } from '@goald/protocol';
import { NOT_TRANSFERRED, TRANSFER_TABLES } from '@goald/server/threads/transfer/tables.js';
import { describe, expect, it } from 'vitest';
import { startDaemon } from '../../helpers/daemon/daemon-process.js';
import { eventually } from '../../helpers/eventually.js';
import { goalSetup, QUICK, type GoalSetup } from '../../helpers/goal-setup.js';
import { openPlain } from '../../helpers/open-plain.js';
import { byProgress, calls, says, toolCall } from '../../helpers/model-server/index.js';
import { RpcClient } from '../../helpers/rpc/rpc-client.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { GOAL } from '../../integration/startup/support.js';

const working = byProgress(
  calls(
    toolCall('update_plan', { steps: [{ step: 'Write', status: 'completed' }] }),
    toolCall('shell', { command: 'echo two >> a.txt; cat a.txt' }),
  ),
  // Refused: the requirement has no evidence.
  calls(toolCall('set_goal', { status: 'complete', evidence: [{ criterion: 'c', proof: 'p' }] })),
  calls(
    toolCall('set_goal', {
      status: 'complete',
      progress: { summary: 'Written.', percent: 100 },
      evidence: [{ criterion: 'two lines', proof: 'a.txt' }],
      blocker: { summary: 'It was easy.', severity: 'finding' },
    }),
  ),
);

async function exported(client: RpcClient, threadId: string, limit = 500): Promise<ExportRow[]> {
  const rows: ExportRow[] = [];
  let cursor: string | null = null;
  do {
    const page: { rows: ExportRow[]; nextCursor: string | null } = await client.request(
      requests.threadExport,
      { threadId, cursor, limit },
    );
    rows.push(...page.rows);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return rows;
}

let imports = 0;

async function imported(
  client: RpcClient,
  rows: readonly unknown[],
  more: { cwd?: string; page?: number } = {},
): Promise<ImportedThread[]> {
  imports += 1;
  const importId = `import-${String(imports)}`;
  const size = more.page ?? 1000;
  for (let at = 0; ; at += size) {
    const isLast = at + size >= rows.length;
    const page = {
      importId,
      firstLine: at + 1,
      rows: rows.slice(at, at + size),
      isLast,
      cwd: more.cwd,
    };
    const { threads, lines } = await client.request(requests.threadImport, page);
    expect(lines).toBe(Math.min(rows.length, at + size));
    if (isLast) return threads;
    expect(threads).toEqual([]);
  }
}

/** Ids by the order in which they first stand there, times of this look left out. */
function comparable(rows: readonly ExportRow[]): string[] {
  const ids = new Map<string, string>();
  return rows.map((row) =>
    JSON.stringify(row)
      .replaceAll(/"(exportedAtMs|updated_at_ms)":\d+/g, '')
      .replaceAll(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, (id) => {
        const known = ids.get(id) ?? `id-${String(ids.size)}`;
        ids.set(id, known);
        return known;
      }),
  );
}

/** A goal is complete before the turn that completed it is over, and that turn is left out until it is. */
async function turnOver({ client, threadId }: GoalSetup): Promise<void> {
  await eventually('the turn is over', async () => {
    const { thread } = await client.request(requests.threadRead, { threadId });
    return thread.status.type === 'idle';
  });
}

async function finished(): Promise<GoalSetup> {
  const config = { ...QUICK, pricing: { '*': { input: 1, output: 2 } } };
  const setup = await goalSetup({ script: working, config });
  await setup.setGoal({
    objective: 'Write two.',
    requirements: ['two lines'],
    verification: [{ name: 'two', command: 'grep two a.txt' }],
  });
  expect(await setup.stopped()).toMatchObject({ status: 'complete', verified: true });
  await turnOver(setup);
  return setup;
}

const WRONG_LINES: readonly [string, (rows: ExportRow[]) => unknown[], RegExp][] = [
  ['that is no object', (rows) => [...rows.slice(0, 3), 'text', ...rows.slice(3)], /^Line 4: /],
  [
    'of an unknown kind',
    (rows) => [...rows.slice(0, 3), { type: 'spell' }, ...rows.slice(3)],
    /^Line 4: .*"spell"/,
  ],
  ['before any header', (rows) => rows.slice(1), /^Line 1: .*header/],
  [
    'of another program',
    (rows) => [{ ...rows[0], format: 'other' }, ...rows.slice(1)],
    /^Line 1: format: .*no goald-export/,
  ],
  [
    'of a newer goald',
    (rows) => [{ ...rows[0], version: 99 }, ...rows.slice(1)],
    /^Line 1: version: .*newer goald/,
  ],
  [
    'of a newer store',
    (rows) => [{ ...rows[0], schema: 99_999 }, ...rows.slice(1)],
    /^Line 1: .*newer goald/,
  ],
  [
    'with a wrong value',
    (rows) => change(rows, 'goal', { objective: 7 }),
    /^Line 3: row\.objective: /,
  ],
  [
    'with a field nobody knows',
    (rows) => change(rows, 'goal', { surprise: 1 }),
    /^Line 3: .*surprise/,
  ],
  [
    'with a status nobody knows',
    (rows) => change(rows, 'goal', { status: 'done' }),
    /^Line 3: row\.status: /,
  ],
  [
    'with an item that is none',
    (rows) => change(rows, 'item', { wire_json: { type: 'poem' } }),
    /^Line 5: row\.wire_json\.type/,
  ],
  [
    'with an id that is none',
    (rows) => change(rows, 'item', { id: 'x' }),
    /^Line 5: row\.id: .*UUID/,
  ],
  [
    'that names another turn',
    (rows) => change(rows, 'item', { turn_id: columns(rows[1])['id'] }),
    /^Line 5: turn_id names no turn/,
  ],
  [
    'whose charges do not add up',
    (rows) => change(rows, 'goal', { tokens_used: 1 }),
    /^Line 3: tokens_used is 1, but .* add up to \d+/,
  ],
  ['that stands there twice', (rows) => twice(rows, 'item'), /^Line \d+: .*(UNIQUE|unique)/],
  ['that is the last of a file that was cut', (rows) => rows.slice(0, -2), /the file is cut/],
];

const columns = (row: ExportRow | undefined): Record<string, unknown> =>
  row?.['row'] as Record<string, unknown>;

/** The first row of a kind with other values. */
function change(rows: readonly ExportRow[], type: string, values: ExportRow): ExportRow[] {
  const at = rows.findIndex((row) => row['type'] === type);
  return rows.map((row, index) =>
    index === at ? { ...row, row: { ...columns(row), ...values } } : row,
  );
}

function twice(rows: readonly ExportRow[], type: string): ExportRow[] {
  const row = rows.find((one) => one['type'] === type) ?? {};
  const last = { type: 'end', rows: rows.length - 1 };
  return [...rows.slice(0, -1), row, last];
}

describe('a thread written out and read back', () => {
  it('is the same but for ids that were taken, also page by page', async () => {
    await using setup = await finished();
    const { client, threadId } = setup;
    const rows = await exported(client, threadId);
    expect(new Set(rows.map((row) => row['type']))).toEqual(
      new Set([
        'header',
        'thread',
        'goal',
        'turn',
        'item',
        'request',
        'plan',
        'blocker',
        'verification',
        'refusal',
        'sign',
        'end',
      ]),
    );
    expect(comparable(await exported(client, threadId, 1))).toEqual(comparable(rows));
    const [thread, ...more] = await imported(client, rows, { page: 7 });
    expect(more).toEqual([]);
    expect(thread).toMatchObject({ exportedAs: threadId, cwd: setup.repository, cwdExists: true });
    const again = thread?.threadId ?? '';
    expect(again).not.toBe(threadId);
    expect(comparable(await exported(client, again))).toEqual(comparable(rows));
    // What clients see of both is the same, and the charges add up.
    const { goal } = await client.request(requests.threadGoalGet, { threadId: again });
    expect(goal).toMatchObject({ status: 'complete', verified: true, objective: 'Write two.' });
    const usage = await client.request(requests.goalUsage, { threadId: again });
    expect(usage.totals.tokens).toBe(goal?.tokensUsed);
    expect(usage.totals.costUsd).toBe(goal?.costUsd);
    expect(goal?.costUsd).toBeGreaterThan(0);
    const read = await client.request(requests.threadRead, { threadId: again, includeTurns: true });
    const original = await client.request(requests.threadRead, { threadId, includeTurns: true });
    expect(read.thread.turns[0]?.items.map((item) => item.type)).toEqual(
      original.thread.turns[0]?.items.map((item) => item.type),
    );
  });

  it('keeps its ids in a store that has none of them, and takes the folder it is given', async () => {
    await using setup = await finished();
    const rows = await exported(setup.client, setup.threadId);
    await using folder = await tempFolder();
    const cwd = join(folder.path, 'elsewhere');
    mkdirSync(cwd);
    await using other = await startDaemon({ home: join(folder.path, 'h') });
    await using client = await RpcClient.connect(other.wsUrl, await other.token());
    const [thread] = await imported(client, rows, { cwd });
    expect(thread).toMatchObject({ threadId: setup.threadId, cwd, cwdExists: true });
    const back = await exported(client, setup.threadId);
    const moved = rows.map((row) =>
      row['type'] === 'thread' ? { ...row, row: { ...columns(row), cwd } } : row,
    );
    expect(comparable(back)).toEqual(comparable(moved));
  });

  it('rests: a goal that was active comes in paused, and nothing is asked of the model', async () => {
    await using setup = await goalSetup({ script: () => ({ fault: { kind: 'hang' } }) });
    await setup.setGoal({ objective: 'Go on.' });
    await eventually('the model was asked', () => setup.model.requests.length === 1);
    const { client, threadId } = setup;
    const rows = await exported(client, threadId);
    // The turn in flight is left out, with its request.
    expect(rows.map((row) => row['type'])).toEqual(['header', 'thread', 'goal', 'end']);
    const [thread] = await imported(client, rows);
    const { goal } = await client.request(requests.threadGoalGet, {
      threadId: thread?.threadId ?? '',
    });
    expect(goal).toMatchObject({
      status: 'paused',
      phase: null,
      statusReason: { code: 'user', message: expect.stringContaining('imported') as string },
      tokensUsed: 0,
    });
    const { data } = await client.request(requests.goalEventsList, { threadId: thread?.threadId });
    expect(data.map((event) => event.type)).toEqual(['goal.created']);
    expect(setup.model.requests).toHaveLength(1);
  });

  it('can go on where it was', async () => {
    let done = false;
    await using setup = await goalSetup({
      script: (request) => (done ? says('Nothing more.') : working(request)),
    });
    await setup.setGoal({ objective: 'Write two.' });
    await setup.stopped();
    await turnOver(setup);
    done = true;
    const [thread] = await imported(setup.client, await exported(setup.client, setup.threadId));
    const threadId = thread?.threadId ?? '';
    const before = setup.model.requests.length;
    await setup.client.request(requests.threadGoalSet, { threadId, status: 'active' });
    await eventually('the model reads what was said before', () => {
      const asked = setup.model.requests[before];
      return asked !== undefined && JSON.stringify(asked.body).includes('echo two');
    });
    await setup.client.request(requests.threadGoalPause, { threadId }).catch(() => undefined);
  });

  it('holds no secret of the daemon, wherever one was printed', async () => {
    await using setup = await goalSetup({
      script: byProgress(
        calls(toolCall('shell', { command: 'cat "$HOME"/token' })),
        calls(
          toolCall('set_goal', { status: 'complete', evidence: [{ criterion: 'c', proof: 'p' }] }),
        ),
      ),
    });
    await setup.setGoal({ objective: 'Look.', sandbox: 'danger-full-access' });
    await setup.stopped();
    await turnOver(setup);
    const token = await setup.daemon.token();
    const read = await setup.client.request(requests.threadRead, {
      threadId: setup.threadId,
      includeTurns: true,
    });
    expect(JSON.stringify(read)).toContain(token);
    const rows = JSON.stringify(await exported(setup.client, setup.threadId));
    expect(rows).toContain('[secret]');
    expect(rows).not.toContain(token);
  });
});

describe('a file with a line', () => {
  it('that is not right is refused whole, with the number of the line', async () => {
    await using setup = await finished();
    const { client } = setup;
    const rows = await exported(client, setup.threadId);
    const threads = async (): Promise<number> =>
      (await client.request(requests.threadList, {})).data.length;
    for (const [what, spoil, says] of WRONG_LINES) {
      await expect(imported(client, spoil(rows)), what).rejects.toMatchObject({
        rpcCode: -32602,
        data: { code: 'invalid_params' },
        message: expect.stringMatching(says) as string,
      });
      expect(await threads(), what).toBe(1);
    }
    await imported(client, rows);
    expect(await threads()).toBe(2);
  });

  it('out of turn is refused; a page that comes twice counts once', async () => {
    await using setup = await finished();
    const { client } = setup;
    const rows = await exported(client, setup.threadId);
    const gap = { importId: 'with-a-gap', firstLine: 5, rows: rows.slice(4), isLast: true };
    await expect(client.request(requests.threadImport, gap)).rejects.toThrow(
      /line 1 is to come next/,
    );
    const first = { importId: 'twice', firstLine: 1, rows: rows.slice(0, 4), isLast: false };
    await client.request(requests.threadImport, first);
    expect(await client.request(requests.threadImport, first)).toEqual({ lines: 4, threads: [] });
    const last = {
      importId: 'twice',
      firstLine: 5,
      rows: rows.slice(4),
      isLast: true,
      idempotencyKey: 'last-page',
    };
    const made = await client.request(requests.threadImport, last);
    expect(made.threads).toHaveLength(1);
    expect(await client.request(requests.threadImport, last)).toEqual(made);
    expect((await client.request(requests.threadList, {})).data).toHaveLength(2);
  });
});

describe('goal export and goal import', () => {
  it('write and read a file of one object a line', async () => {
    await using setup = await finished();
    const run = (...args: string[]) =>
      spawnSync(process.execPath, [GOAL, '--home', setup.home, ...args], {
        cwd: setup.repository,
        encoding: 'utf8',
        env: { PATH: process.env['PATH'] ?? '' },
      });
    const file = join(setup.folder, 'thread.jsonl');
    const written = run('export');
    expect(written.status).toBe(0);
    writeFileSync(file, written.stdout);
    const lines = written.stdout.trimEnd().split('\n');
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ type: 'header', format: 'goald-export' });
    const all = run('export', '--all');
    expect(all.stdout.split('\n').filter((line) => line.includes('"type":"thread"'))).toHaveLength(
      1,
    );
    const read = run('import', file);
    expect(read.stderr).toBe('');
    expect(read.stdout).toMatch(/^Imported .* with 1 goal, in /);
    writeFileSync(file, [...lines.slice(0, 5), '{broken', ...lines.slice(5)].join('\n'));
    const refused = run('import', file);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(/line 6: this is not a line of JSON/);
    expect(run('import', join(setup.folder, 'none.jsonl')).stderr).toMatch(/no such file/);
    expect(readFileSync(file, 'utf8')).toContain('{broken');
  });
});

it('every table that belongs to threads or goals is written out, or stays behind on purpose', async () => {
  await using folder = await tempFolder();
  const db = openPlain(join(folder.path, 'goald.db'));
  const names = db
    .prepare<[], string>(
      "SELECT DISTINCT s.name FROM sqlite_schema s, pragma_table_info(s.name) c WHERE s.type = 'table' AND c.name IN ('thread_id', 'goal_id') ORDER BY 1",
    )
    .pluck()
    .all();
  db.close();
  const known = [...TRANSFER_TABLES.map(({ table }): string => table), ...NOT_TRANSFERRED];
  expect(names.filter((name) => !known.includes(name))).toEqual([]);
});
