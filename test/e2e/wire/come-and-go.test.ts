import { join } from 'node:path';
import { requests } from '@goald/protocol';
import { expect, it } from 'vitest';
import { startDaemon } from '../../helpers/daemon/daemon-process.js';
import { eventually } from '../../helpers/eventually.js';
import { RpcClient } from '../../helpers/rpc/rpc-client.js';
import { tempFolder } from '../../helpers/temp-folder.js';
import { EventClient } from '../../helpers/wire/event-client.js';
import { scaled } from '../../helpers/wire/scale.js';

const CLIENTS = scaled(200, 1000);
const AT_A_TIME = 10;

it(
  `${String(CLIENTS)} clients come, leave and come back with their cursors, and have the same complete list`,
  { timeout: scaled(120_000, 900_000) },
  async () => {
    await using folder = await tempFolder();
    await using daemon = await startDaemon({ home: join(folder.path, 'h') });
    const unix = `unix://${daemon.paths.socket}`;
    const token = await daemon.token();
    await using author = await RpcClient.connect(unix, undefined, 'author');
    const { thread } = await author.request(requests.threadStart, { cwd: folder.path });
    const threadId = thread.id;
    await author.request(requests.threadGoalSet, { threadId, objective: 'a', status: 'paused' });

    const clients = Array.from({ length: CLIENTS }, (_, index) =>
      index % 2 === 0 ? new EventClient(unix) : new EventClient(daemon.wsUrl, token),
    );
    const groups = Array.from({ length: CLIENTS / AT_A_TIME }, (_, index) =>
      clients.slice(index * AT_A_TIME, (index + 1) * AT_A_TIME),
    );
    for (const group of groups) await Promise.all(group.map((client) => client.attach()));

    const edit = async (objective: string): Promise<void> => {
      await author.request(requests.threadGoalSet, { threadId, objective });
    };
    for (const [index, group] of groups.entries()) {
      await Promise.all([edit(`${String(index)} a`), ...group.map((client) => client.leave())]);
      await edit(`${String(index)} b`);
      await Promise.all([edit(`${String(index)} c`), ...group.map((client) => client.attach())]);
    }

    const { headSeq } = await author.request(requests.goalSubscribe, {});
    const log = Array.from({ length: headSeq }, (_, index) => index + 1);
    expect(headSeq).toBeGreaterThanOrEqual(groups.length * 3);
    for (const client of clients) {
      await eventually('the newest event', () => client.lastSeq >= headSeq);
      expect(client.seqs).toEqual(log);
    }
    await Promise.all(clients.map((client) => client[Symbol.asyncDispose]()));
  },
);
