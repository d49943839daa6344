import type { requests, ResultOf } from '@goald/protocol';
import type { Paint } from '../terminal/terminal.js';
import { formatAgo } from './format.js';
import { oneLine } from './text.js';

type Project = ResultOf<typeof requests.folderTrustRead>;
type Decided = ResultOf<typeof requests.folderTrustList>['data'][number];

/** A folder's trust, and what its settings say. */
export function trustText(project: Project, paint: Paint): string {
  const root = oneLine(project.root);
  if (project.trust !== 'trusted') {
    return `${root} is ${paint.yellow('not trusted')}: nothing of its .goald/ is read.\n`;
  }
  const lines = [`${root} is ${paint.green('trusted')}.`];
  if (project.problem !== null) lines.push(paint.red(project.problem));
  else if (project.settings === null) lines.push('It has no settings (.goald/config.json).');
  else lines.push('Its settings:', ...settingLines(project));
  return `${lines.join('\n')}\n`;
}

function settingLines({ settings, withoutEffect }: Project): string[] {
  return Object.entries(settings ?? {})
    .filter(([key]) => key !== '$schema')
    .flatMap(([key, value]) =>
      typeof value === 'object' && value !== null && !Array.isArray(value)
        ? Object.entries(value).map(([name, one]): [string, unknown] => [`${key}.${name}`, one])
        : [[key, value] satisfies [string, unknown]],
    )
    .map(([name, value]) => {
      const note = withoutEffect.includes(name) ? '  (without effect: yours is lower)' : '';
      return `  ${name}: ${oneLine(JSON.stringify(value))}${note}`;
    });
}

export function trustListText(data: readonly Decided[], paint: Paint, nowMs: number): string {
  if (data.length === 0) return 'No folder was asked about yet.\n';
  return data
    .map(({ root, trust, decidedAtMs, decidedBy }) => {
      const word = trust === 'trusted' ? paint.green('trusted  ') : paint.yellow('untrusted');
      const by = decidedBy === null ? '' : ` by ${oneLine(decidedBy)}`;
      return `${word}  ${oneLine(root)}  ${paint.dim(`${formatAgo(nowMs - decidedAtMs)}${by}`)}\n`;
    })
    .join('');
}
