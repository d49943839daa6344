import { formatDuration } from '../output/format.js';
import { clean, oneLine } from '../output/text.js';
import type { EventData } from './event-data.js';
import type { TranscriptLine } from './view.js';

const DIGEST_LINES = 6;

/** The lines of a finished verification run: one a command, and the end of what a failed one printed. */
export function verificationLines(data: EventData): readonly TranscriptLine[] {
  const results = data.list('results').map((result): TranscriptLine => {
    const exitCode = result.number('exitCode');
    const passed = exitCode === 0;
    const how = result.flag('timedOut')
      ? result.number('attempts') === 0
        ? 'not run'
        : 'timed out'
      : exitCode === null
        ? (result.text('signal') ?? 'stopped')
        : `exit ${String(exitCode)}`;
    const tries = result.flag('flaky')
      ? `, flaky: passed at try ${String(result.number('attempts') ?? 2)}`
      : '';
    const took = formatDuration(result.number('durationMs') ?? 0);
    const command = oneLine(result.text('command') ?? result.text('name') ?? 'command');
    return {
      kind: passed ? 'ok' : 'fail',
      text: passed
        ? `verified by goald: ${command}  (${took}${tries})`
        : `refused by goald: ${command}  (${how}, ${took})`,
      ...(passed ? {} : { detail: digestLines(result.text('digest') ?? '') }),
    };
  });
  if (data.text('status') !== 'void') return results;
  const reason = oneLine(data.text('reason') ?? 'files changed while it ran');
  return [...results, { kind: 'warn', text: `that verification does not count: ${reason}` }];
}

// Test runners end with their counts; what a person wants to see is which test failed.
const TELLING = /\bnot ok\b|\bfail(?:ed|ure|ing)?\b|\berror\b|\bexpected\b|✖|✗|×/iu;

function digestLines(digest: string): readonly string[] {
  const lines = clean(digest)
    .split('\n')
    .map((line) => line.trimEnd())
    .filter((line) => line.trim() !== '');
  const telling = lines.filter((line) => TELLING.test(line));
  return telling.length === 0 ? lines.slice(-DIGEST_LINES) : telling.slice(0, DIGEST_LINES);
}
