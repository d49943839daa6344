import { release } from 'node:os';
import { expect, it } from 'vitest';
import { CommandOutput } from '@goald/server/workspace/command-output.js';
import { bubblewrapArguments } from '@goald/server/workspace/sandbox/bubblewrap.js';
import { STATUS_FD } from '@goald/server/workspace/sandbox/launch.js';
import { limitsTasks, uidOutside } from '@goald/server/workspace/sandbox/sandbox-program.js';
import { ShellProcess } from '@goald/server/workspace/shell-process.js';

const NOBODY = 65_534;
const MOST = 60;

it('the kernel limits processes of a sandbox since 5.14, and not those of root', () => {
  expect(limitsTasks('6.18.44-any', 1000)).toBe(true);
  expect(limitsTasks('5.14.0', 1000)).toBe(true);
  expect(limitsTasks('5.13.19-generic', 1000)).toBe(false);
  expect(limitsTasks('4.18.0', 1000)).toBe(false);
  expect(limitsTasks('6.18.44-any', 0)).toBe(false);
  expect(limitsTasks('6.18.44-any', null)).toBe(false);
});

const FORKS = `
let made = 0;
for (let n = 0; n < Number(process.argv[1]); n += 1) {
  const child = require("node:child_process").spawn("sleep", ["20"], { stdio: "ignore" });
  child.on("error", () => undefined);
  if (child.pid !== undefined) made += 1;
}
console.log(made);
process.exit();
`;

const isRoot = process.getuid?.() === 0;
const ORDINARY = ['setpriv', `--reuid=${String(NOBODY)}`, '--regid=65534', '--clear-groups'];

/** How many processes a confined program of an ordinary user has at once when it wants so many. */
async function made(wanted: number, maxTasks: number | null): Promise<number> {
  const inside = bubblewrapArguments({
    rules: [{ path: '/', access: 'read' }],
    ...{
      network: false,
      cwd: '/',
      asRoot: true,
      sharesProc: true,
      filterFd: null,
      statusFd: STATUS_FD,
    },
  });
  const args = [...(isRoot ? ORDINARY : []), 'bwrap', ...inside, '--'];
  const output = await CommandOutput.open({});
  const shell = ShellProcess.start({
    shell: 'bash',
    command: `'${process.execPath}' -e '${FORKS}' ${String(wanted)}`,
    launch: {
      ...{ file: 'env', args, env: process.env, cwd: '/', isSandbox: true, files: [], maxTasks },
      maxProcesses: null,
      [Symbol.dispose]: () => undefined,
    },
    output,
  });
  await shell.exited;
  await shell.drain();
  return Number.parseInt(await output.close(), 10);
}

it('a sandbox of an ordinary user gets no more processes than it may have, whatever the user has outside', async () => {
  expect(await made(MOST / 3, MOST)).toBe(MOST / 3);
  expect(await made(MOST * 2, null)).toBe(MOST * 2);
  const held = await made(MOST * 2, MOST);
  // Root is nobody for this test; within another sandbox it cannot be, and is held to nothing.
  if (limitsTasks(release(), isRoot ? NOBODY : uidOutside())) expect(held).toBeLessThan(MOST);
  else expect(held).toBe(MOST * 2);
  expect(held).toBeGreaterThan(0);
});
