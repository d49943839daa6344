import type { GoaldClient } from '@goald/client';
import { requests } from '@goald/protocol';
import { paintDiff } from '../output/paint-diff.js';
import { visible } from '../output/text.js';
import type { Paint } from '../terminal/terminal.js';

/** The changes of files an item is about to make: a line a file, and its diff. Whole, since somebody decides by it. */
export async function changesText(
  client: GoaldClient,
  { threadId, turnId, itemId }: { threadId: string; turnId: string; itemId: string },
  paint: Paint,
): Promise<string> {
  const params = { threadId, turnId, itemIds: [itemId] };
  const { data } = await client.request(requests.threadItemsRead, params);
  return data
    .flatMap(({ item }) => (item.type === 'fileChange' ? item.changes : []))
    .map(({ path, kind, diff }) =>
      [
        `${KINDS[kind.type]} ${paint.bold(visible(path))}`,
        ...(diff === '' ? [] : [paintDiff(visible(diff), paint)]),
      ].join('\n'),
    )
    .join('\n');
}

const KINDS = { add: 'new', delete: 'delete', update: 'change' } as const;
