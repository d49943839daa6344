import { REFERENCE_VERSION } from '@goald/protocol';
import type { Compared, Difference } from './compare.js';

/** What the run showed, for docs/measurements/stock-client.md. */
export function report(compared: readonly Compared[], asked: ReadonlyMap<string, number>): string {
  const both = compared.filter(({ only }) => only === null);
  const same = both.filter(({ differences }) => differences.length === 0);
  return [
    '# The stock client on goald',
    '',
    `One script, played by the stock terminal client ${REFERENCE_VERSION} in tmux against its own server and against goald, with the same scripted`,
    'model, in the sandbox of each (workspace-write). After each step the screens are compared: what a step brought onto the screen, without times,',
    'figures, ids and hints chosen by chance.',
    `\`npm run test:stock\` plays it (it fetches the client, 400 MB, and needs tmux) and fails when a difference has no reason here, or a reason no difference.`,
    '',
    `${String(compared.length)} steps, ${String(both.length)} on both sides; ${String(same.length)} of those show the same.`,
    '',
    '| Step | Screens |',
    '| --- | --- |',
    ...compared.map((one) => `| ${one.step} | ${verdict(one)} |`),
    '',
    '## Differences',
    '',
    ...reasons(compared).map((reason) => `- ${reason}`),
    '',
    '## What it asked and goald refused',
    '',
    ...[...asked].map(([what, times]) => `- ${what} (${String(times)} times)`),
    '',
  ].join('\n');
}

function verdict({ only, differences }: Compared): string {
  if (only !== null) return `${only} only`;
  if (differences.length === 0) return 'the same';
  return differences.some(({ reason }) => reason === null) ? 'differ' : 'differ, see below';
}

function reasons(compared: readonly Compared[]): string[] {
  const steps = new Map<string, Set<string>>();
  for (const { step, differences } of compared) {
    for (const { reason } of differences) {
      if (reason !== null) steps.set(reason, (steps.get(reason) ?? new Set()).add(step));
    }
  }
  return [...steps].map(([reason, at]) => `${reason} (${[...at].join('; ')})`);
}

/** The lines nobody knows a reason for, for whoever runs it. */
export function unexplained(compared: readonly Compared[]): string[] {
  const line = (step: string, { side, line: text }: Difference): string =>
    `${step}: only ${side} shows: ${text}`;
  return compared.flatMap(({ step, differences }) =>
    differences.filter(({ reason }) => reason === null).map((one) => line(step, one)),
  );
}
