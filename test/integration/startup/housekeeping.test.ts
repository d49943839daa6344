import { existsSync } from 'node:fs';
import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { homePaths, requests } from '@goald/protocol';
import { create } from '@goald/server';
import { describe, expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { ManualClock } from '../../helpers/manual-clock.js';
import { RpcClient } from '../../helpers/rpc/rpc-client.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const DAY_MS = 86_400_000;

async function fileOfAge(path: string, days: number): Promise<string> {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, 'kept');
  const seconds = (Date.now() - days * DAY_MS) / 1000;
  await utimes(path, seconds, seconds);
  await utimes(dirname(path), seconds, seconds);
  return path;
}

describe('housekeeping', () => {
  it('drops events and files past their time at the start and each day after, and nothing younger', async () => {
    await using folder = await tempFolder();
    const paths = homePaths({ home: join(folder.path, 'h'), env: {}, cwd: '/' });
    const old = await fileOfAge(join(paths.state, 'outputs', 'old.txt'), 91);
    const oldLog = await fileOfAge(join(paths.state, 'outputs', 'run', 'old.log'), 91);
    const oldTree = await fileOfAge(join(paths.state, 'snapshots', 'ab', 'tree.json'), 200);
    const young = await fileOfAge(join(paths.state, 'outputs', 'young.txt'), 89.5);
    const recent = await fileOfAge(join(paths.state, 'snapshots', 'cd', 'tree.json'), 1);
    const clock = new ManualClock(Date.now());
    await using daemon = await create(
      {
        paths,
        listen: [{ kind: 'websocket', host: '127.0.0.1', port: 0 }],
        withoutAuth: false,
        env: { PATH: process.env['PATH'] ?? '' },
        cwd: folder.path,
      },
      { clock },
    );
    const token = (await readFile(paths.token, 'utf8')).trim();
    await using client = await RpcClient.connect(daemon.endpoints[0] ?? '', token);
    const { thread } = await client.request(requests.threadStart, { cwd: folder.path });
    const threadId = thread.id;
    await client.request(requests.threadGoalSet, { threadId, objective: 'A', status: 'paused' });
    await eventually('what is old is gone', () =>
      [old, oldLog, oldTree].every((f) => !existsSync(f)),
    );
    expect(existsSync(dirname(oldLog))).toBe(false);
    expect([young, recent].every((file) => existsSync(file))).toBe(true);

    clock.advance(DAY_MS);
    await eventually('what has become old is gone', () => !existsSync(young));
    expect(existsSync(recent)).toBe(true);
    await client.request(requests.threadGoalSet, { threadId, objective: 'B' });
    const types = async (): Promise<string[]> =>
      (await client.request(requests.goalEventsList, { threadId })).data.map(({ type }) => type);
    expect(await types()).toEqual(['goal.created', 'goal.edited']);

    clock.advance(91 * DAY_MS);
    // The newest stays, so that the numbers go on.
    expect(await types()).toEqual(['goal.edited']);
    const { goal } = await client.request(requests.threadGoalGet, { threadId });
    expect(goal).toMatchObject({ objective: 'B', status: 'paused' });
  });
});
