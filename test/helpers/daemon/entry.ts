import { parseArgs } from 'node:util';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { homePaths } from '@goald/protocol';
import { create } from '@goald/server';
import { planListening } from '@goald/server/transport/listen-address.js';
import { JumpingClock } from './jumping-clock.js';

/** The daemon as main builds it, with a clock that may be ahead, and failpoints that end the process as kill -9 does, or throw once. */
const { values } = parseArgs({
  options: {
    home: { type: 'string' },
    listen: { type: 'string', multiple: true },
    'die-at': { type: 'string', default: '' },
    'throw-at': { type: 'string', default: '' },
    // SIGUSR2 takes the room from the database, or gives it back: what is there may change, nothing may be added.
    'room-on-signal': { type: 'boolean', default: false },
    // SIGUSR2 collects garbage and tells what is left on the heap.
    'heap-on-signal': { type: 'boolean', default: false },
    // Pages are read from the file again and again.
    'no-page-cache': { type: 'boolean', default: false },
    'clock-ahead-ms': { type: 'string', default: '0' },
  },
});

const clock = new JumpingClock();
clock.jump(Number(values['clock-ahead-ms']));

if (values['heap-on-signal']) {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  process.on('SIGUSR2', () => {
    collect();
    collect();
    process.stderr.write(`heap ${String(process.memoryUsage().heapUsed)}\n`);
  });
}

const dies = reaches(values['die-at']);
const throws = reaches(values['throw-at']);

async function main(): Promise<void> {
  const paths = homePaths({ home: values.home, env: process.env, cwd: process.cwd() });
  const plan = planListening(values.listen ?? [], { cwd: '/', defaultSocket: paths.socket });
  if (plan.mode !== 'serve') throw new Error('The test entry only serves.');
  const daemon = await create(
    { paths, listen: plan.addresses, withoutAuth: false, env: process.env, cwd: '/' },
    {
      clock,
      failpoint: (passed) => {
        if (dies(passed)) process.kill(process.pid, 'SIGKILL');
        if (throws(passed)) throw new Error(`failpoint ${passed}`);
      },
      onDatabase: (db) => {
        if (values['no-page-cache']) db.pragma('cache_size = 1');
        let isFull = false;
        if (values['room-on-signal']) {
          process.on('SIGUSR2', () => {
            isFull = !isFull;
            const pages = isFull ? db.pragma('page_count', { simple: true }) : 1_073_741_823;
            db.pragma(`max_page_count = ${String(pages)}`);
            process.stderr.write(isFull ? 'full\n' : 'room\n');
          });
        }
      },
    },
  );
  process.once('SIGTERM', () => {
    void daemon[Symbol.asyncDispose]();
  });
  for (const notice of daemon.notices) process.stderr.write(`goald: ${notice}\n`);
  process.stderr.write(`goald ready: ${daemon.endpoints.join(' ')}\n`);
  void daemon.failed.then(async (error) => {
    await daemon[Symbol.asyncDispose]();
    process.stderr.write(`goald: ${error.message}\n`);
    process.exitCode = 4;
  });
}

void main();

/** True at one pass only: the n-th of `name:n` (first without n), or of all failpoints together for `*:n`. */
function reaches(place: string): (passed: string) => boolean {
  const [name = '', count = '1'] = place.split(':');
  let left = Number(count);
  return (passed) => {
    if (name !== '*' && passed !== name) return false;
    left -= 1;
    return left === 0;
  };
}
