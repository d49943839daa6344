import type { Measure } from '../measure.js';
import { commandMeasure } from './command.js';
import { continuationMeasure } from './continuation.js';
import { fanOutMeasure } from './fan-out.js';
import { firstSetMeasure } from './first-set.js';
import { loadMeasure } from './load.js';
import { memoryMeasure } from './memory.js';
import { sandboxMeasure } from './sandbox.js';
import { startMeasure } from './start.js';
import { createStoredMeasure } from './stored.js';

/** Every measure, in the order of the table. */
export function allMeasures(): readonly Measure[] {
  return [
    loadMeasure,
    firstSetMeasure,
    fanOutMeasure,
    continuationMeasure,
    startMeasure,
    memoryMeasure,
    commandMeasure,
    sandboxMeasure,
    createStoredMeasure(),
  ];
}
