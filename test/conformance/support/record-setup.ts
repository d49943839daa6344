import { env } from 'node:process';
import { RECORD_VARIABLE, recordWire } from './recorder.js';

const folder = env[RECORD_VARIABLE];
if (folder !== undefined) recordWire(folder);
