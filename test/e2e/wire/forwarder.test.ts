import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { stopDaemon } from '@goald/client';
import { homePaths, requests } from '@goald/protocol';
import { expect, it } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { calls, startModelServer, toolCall } from '../../helpers/model-server/index.js';
import { RpcClient } from '../../helpers/rpc/rpc-client.js';
import { tempFolder } from '../../helpers/temp-folder.js';

const MAIN = fileURLToPath(new URL('../../../server/dist/main.js', import.meta.url));

/** An IDE: runs the forwarder, tells its pid, and passes lines between it and the test. */
const IDE = `
  const { spawn } = require('node:child_process');
  const [main, home] = process.argv.slice(1);
  const child = spawn(process.execPath, [main, '--home', home, '--listen', 'stdio://'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  process.stdout.write(JSON.stringify({ pid: child.pid }) + '\\n');
  process.stdin.pipe(child.stdin);
  child.stdout.pipe(process.stdout);
`;

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

it('the parent of the stdio forwarder dies: the forwarder ends, the goal goes on to its end', async () => {
  await using folder = await tempFolder();
  const home = join(folder.path, 'h');
  let answer: () => void = () => undefined;
  const answered = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const evidence = [{ criterion: 'done', proof: 'it is' }];
  await using model = await startModelServer({
    script: async () => {
      await answered;
      return calls(toolCall('set_goal', { status: 'complete', evidence }));
    },
  });
  const ide = spawn(process.execPath, ['-e', IDE, MAIN, home], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: {
      PATH: process.env['PATH'] ?? '',
      HOME: folder.path,
      OPENAI_BASE_URL: model.url,
      OPENAI_API_KEY: 'sk-test',
    },
  });
  try {
    const lines: Record<string, unknown>[] = [];
    createInterface({ input: ide.stdout }).on('line', (line) => {
      lines.push(JSON.parse(line) as Record<string, unknown>);
    });
    const ask = async (id: number, method: string, params: object): Promise<unknown> => {
      ide.stdin.write(`${JSON.stringify({ id, method, params })}\n`);
      const found = await eventually(method, () => lines.find((line) => line['id'] === id));
      return found['result'];
    };
    await ask(1, requests.initialize.method, { clientInfo: { name: 'ide', version: '1' } });
    const started = await ask(2, requests.threadStart.method, { cwd: folder.path });
    const { thread } = requests.threadStart.result.parse(started);
    const threadId = thread.id;
    await ask(3, requests.threadGoalSet.method, { threadId, objective: 'outlive the IDE' });
    await eventually('the model is asked', () => model.requests.length > 0);

    const pid = Number(lines[0]?.['pid']);
    ide.kill('SIGKILL');
    await eventually('the forwarder ends', () => !lives(pid));
    const { socket } = homePaths({ home, env: {}, cwd: '/' });
    await using client = await RpcClient.connect(`unix://${socket}`);
    const { goal } = await client.request(requests.threadGoalGet, { threadId });
    expect(goal?.status).toBe('active');
    answer();
    const end = await client.request(requests.goalWait, { threadId, timeoutMs: 15_000 });
    expect(end.goal?.status).toBe('complete');
  } finally {
    ide.kill('SIGKILL');
    await stopDaemon({ home });
  }
});
