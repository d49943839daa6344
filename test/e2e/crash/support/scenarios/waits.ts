import type { Script } from '../../../../helpers/model-server/index.js';
import {
  endsTold,
  runsInBackground,
  toldBy,
  waits as waitsFor,
} from '../../../../helpers/waiting.js';
import type { Scenario } from '../scenario.js';
import { work } from './work.js';

/** Runs a process in the background, anew when it was lost, waits for its end, then for a time, and then does the plain work. */
export const waits: Scenario = {
  ...work,
  name: 'waits',
  script: (repository) => {
    const working = work.script(repository);
    const script: Script = (request) => {
      const told = [...endsTold(request), ...toldBy(request, 'process')];
      const count = (words: string): number => told.filter((text) => text.includes(words)).length;
      const started = request.input.filter(
        (item) => item.type === 'call' && item.arguments.includes('"background":true'),
      ).length;
      if (count('ended with exit code 4') === 0) {
        return started <= count('was lost')
          ? runsInBackground('sleep 0.2; exit 4')
          : waitsFor({ process_id: started });
      }
      return count('have passed') === 0 ? waitsFor({ seconds: 0.2 }) : working(request);
    };
    return script;
  },
};
