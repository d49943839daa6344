import type { requests } from '@goald/protocol';
import { pageOf } from '../page.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadBackgroundTerminalsList =
  ({ threads }: Services): Handler<typeof requests.threadBackgroundTerminalsList> =>
  (params) => {
    threads.require(params.threadId);
    const running = threads.backgroundProcesses(params.threadId).map((process) => ({
      itemId: process.id,
      processId: String(process.number),
      command: process.command,
      cwd: process.cwd,
      osPid: process.pid,
      cpuPercent: null,
      rssKb: null,
    }));
    return pageOf(running, params);
  };
