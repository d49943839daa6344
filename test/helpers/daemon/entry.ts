import { parseArgs } from 'node:util';
import { homePaths } from '@goald/protocol';
import { create } from '@goald/server';
import { planListening } from '@goald/server/transport/listen-address.js';

/** The daemon as main builds it, with failpoints that end the process as kill -9 does, or throw once. */
const { values } = parseArgs({
  options: {
    home: { type: 'string' },
    listen: { type: 'string', multiple: true },
    'die-at': { type: 'string', default: '' },
    'throw-at': { type: 'string', default: '' },
  },
});

const dies = reaches(values['die-at']);
const throws = reaches(values['throw-at']);

const paths = homePaths({ home: values.home, env: process.env, cwd: process.cwd() });
const plan = planListening(values.listen ?? [], { cwd: '/', defaultSocket: paths.socket });
if (plan.mode !== 'serve') throw new Error('The test entry only serves.');
const daemon = await create(
  { paths, listen: plan.addresses, withoutAuth: false, env: process.env, cwd: '/' },
  {
    failpoint: (passed) => {
      if (dies(passed)) process.kill(process.pid, 'SIGKILL');
      if (throws(passed)) throw new Error(`failpoint ${passed}`);
    },
  },
);
process.stderr.write(`goald ready: ${daemon.endpoints.join(' ')}\n`);

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
