import type { ProcessRow } from '../store/repositories/processes.js';
import type { WaitRow } from '../store/repositories/waits.js';

const COMMAND_CHARS = 60;

/** A length of time as one reads it: 5 s, 10 min, 2 h 5 min. */
export function durationWords(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10 && !Number.isInteger(seconds)) return `${String(Number(seconds.toFixed(1)))} s`;
  const whole = Math.round(seconds);
  if (whole < 120) return `${String(whole)} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${String(minutes)} min`;
  const rest = minutes % 60;
  return `${String(Math.floor(minutes / 60))} h${rest === 0 ? '' : ` ${String(rest)} min`}`;
}

/** `process 3 (npm test)` */
export function processWords(process: { number: number; command: string }): string {
  const line = process.command.trim().split(/\s+/u).join(' ');
  const command = line.length > COMMAND_CHARS ? `${line.slice(0, COMMAND_CHARS)}…` : line;
  return `process ${String(process.number)} (${command})`;
}

/** How a process ended, as the rest of a sentence. null while it runs. */
export function endingWords(process: ProcessRow): string | null {
  switch (process.ending) {
    case null:
      return null;
    case 'exited':
      return process.exit_code === null
        ? `ended by ${process.signal ?? 'a signal'}`
        : `ended with exit code ${String(process.exit_code)}`;
    case 'timedOut':
      return 'was ended at its time limit';
    case 'killed':
      return 'was killed';
    case 'stopped':
      return 'was ended because the goal was stopped';
    case 'lost':
      return 'was lost: the daemon stopped, and it with it';
  }
}

/** How a process stands, with the end of its output where it ended. */
export function processReport(process: ProcessRow): string {
  const ending = endingWords(process);
  const first = `${capital(processWords(process))} ${ending ?? 'still runs'}.`;
  if (ending === null) return first;
  if (process.ending === 'lost') {
    return `${first} Start it again if it is still needed. What it wrote until then: ${process.output_file}`;
  }
  const tail = process.tail.trimEnd();
  return tail === '' ? `${first} It wrote nothing.` : `${first} The end of its output:\n${tail}`;
}

/** What the model is told of a wait that is over. `process`: the one it waited for. */
export function waitReport(wait: WaitRow, process: ProcessRow | undefined): string {
  const elapsed = durationWords(Math.max(0, (wait.ended_at_ms ?? 0) - wait.started_at_ms));
  const report = process === undefined ? '' : `\n${processReport(process)}`;
  switch (wait.result) {
    case null:
      return `Waiting for ${wait.what}.`;
    case 'elapsed':
      return `The wait is over: ${elapsed} have passed.`;
    case 'exited':
    case 'lost':
      return `The wait is over after ${elapsed}.${report}`;
    case 'changed':
      return `The wait is over after ${elapsed}: ${wait.what.replace(/ to change$/u, '')} changed.`;
    case 'timedOut':
      return `The wait for ${wait.what} reached its limit after ${elapsed}.${report}`;
    case 'interrupted':
      return `The wait for ${wait.what} was cut short after ${elapsed}: the user spoke or changed the goal. Call wait again if it is still needed.${report}`;
    case 'stopped':
      return `The wait for ${wait.what} ended after ${elapsed} because the goal was stopped.${report}`;
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
