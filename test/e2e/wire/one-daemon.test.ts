import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { connect, isGoaldError, readService, stopDaemon, type GoaldClient } from '@goald/client';
import { requests, type GoalEvent } from '@goald/protocol';
import { describe, expect, it } from 'vitest';
import { startDaemon } from '../../helpers/daemon/daemon-process.js';
import { eventually } from '../../helpers/eventually.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const GOAL = fileURLToPath(new URL('../../../clients/cli/dist/main.js', import.meta.url));
const TEN = Array.from({ length: 10 }, (_, index) => index);
const run = promisify(execFile);

describe('an empty home', () => {
  it('ten processes at the same moment get one daemon and ten answers', async () => {
    await using folder = await tempFolder();
    const home = join(folder.path, 'h');
    const env = { PATH: process.env['PATH'] ?? '', HOME: folder.path };
    try {
      const answers = await Promise.all(
        TEN.map(async () => {
          const args = [GOAL, '--home', home, 'daemon', 'start', '--json'];
          const { stdout } = await run(process.execPath, args, { env });
          return JSON.parse(stdout) as { started: boolean; pid: number };
        }),
      );
      const service = await readService({ home });
      expect(answers.map(({ pid }) => pid)).toEqual(TEN.map(() => service?.pid));
      expect(answers.some(({ started }) => started)).toBe(true);
      const status = await run(process.execPath, [GOAL, '--home', home, 'status', '--json'], {
        env,
      });
      expect(JSON.parse(status.stdout)).toMatchObject({ daemon: 'running' });
    } finally {
      await stopDaemon({ home });
    }
  });
});

describe('a daemon that is killed', () => {
  it('its clients go over to the next one and miss nothing', async () => {
    await using folder = await tempFolder();
    const home = join(folder.path, 'h');
    await using first = await startDaemon({ home });
    const clients: GoaldClient[] = [];
    const lists: GoalEvent[][] = [];
    for (const index of TEN) {
      const client = await connect({
        home,
        clientInfo: { name: `c${String(index)}`, version: '1' },
      });
      const list: GoalEvent[] = [];
      clients.push(client);
      lists.push(list);
      const stream = client.events({ sinceSeq: 0 });
      void collect(stream, list);
      await stream.ready;
    }
    const [author] = clients;
    if (author === undefined) throw new Error('no client');
    const { thread } = await author.request(requests.threadStart, { cwd: folder.path });
    const threadId = thread.id;
    await author.request(requests.threadGoalSet, { threadId, objective: '0', status: 'paused' });

    // Requests are under way while the daemon dies; the client sends them again to the next one.
    const edits = TEN.map((edit) =>
      author.request(requests.threadGoalSet, { threadId, objective: `edit ${String(edit)}` }),
    );
    await eventually('the first edit', () => (lists[0]?.length ?? 0) > 1);
    await first.kill('SIGKILL');
    await using second = await startDaemon({ home });
    expect(second.pid).not.toBe(first.pid);
    await Promise.all(edits);
    await author.request(requests.threadGoalSet, { threadId, objective: 'the last' });

    const { data } = await author.request(requests.goalEventsList, { limit: 5000 });
    expect(data.filter(({ type }) => type === 'goal.edited')).toHaveLength(11);
    for (const list of lists) {
      await eventually('the newest event', () => list.length >= data.length);
      expect(list).toEqual(data);
    }
    for (const client of clients) await client.close();
  });
});

async function collect(stream: AsyncIterable<GoalEvent>, into: GoalEvent[]): Promise<void> {
  try {
    for await (const event of stream) into.push(event);
  } catch (error) {
    if (!isGoaldError(error)) throw error;
  }
}
