import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  type ConfigInput,
  notifications,
  requests,
  type ThreadItem,
  type UserInput,
} from '@goald/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { goalSetup, QUICK, type GoalSetup } from '../../helpers/goal-setup.js';
import { says, type Script, type ScriptedReply } from '../../helpers/model-server/index.js';

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const dataUrl = (bytes: Buffer): string => `data:image/png;base64,${bytes.toString('base64')}`;
/** A PNG by its first bytes, and as long as is asked for. */
const pngOf = (bytes: number): Buffer => Buffer.concat([PNG, Buffer.alloc(bytes - PNG.length, 7)]);
const MIB = 1024 * 1024;
const REFUSED: ScriptedReply = {
  fault: {
    kind: 'status',
    status: 400,
    body: { error: { message: 'This model does not support image input.' } },
  },
};

type UserMessage = Extract<ThreadItem, { type: 'userMessage' }>;
type Wire = 'responses' | 'chat';

let setup: GoalSetup | null = null;
afterEach(async () => {
  await setup?.[Symbol.asyncDispose]();
  setup = null;
});

async function world(
  script: Script,
  model: ConfigInput['model'] = { wireApi: 'responses' },
): Promise<GoalSetup> {
  setup = await goalSetup({ script, config: { ...QUICK, model } });
  return setup;
}

/** Says it, and resolves when the turn is over. */
async function say(
  { client, threadId }: GoalSetup,
  input: readonly ({ type: 'text'; text: string } | Exclude<UserInput, { type: 'text' }>)[],
): Promise<void> {
  const { turn } = await client.request(requests.turnStart, { threadId, input: [...input] });
  await client.until(notifications.turnCompleted, (ended) => ended.turn.id === turn.id);
}

function userMessages({ client }: GoalSetup): UserMessage[] {
  return client
    .all(notifications.itemCompleted)
    .map(({ item }) => item)
    .filter((item) => item.type === 'userMessage');
}

/** The contents of the user's messages in the newest request. */
function sentContents({ model }: GoalSetup): unknown[] {
  const body = model.requests.at(-1)?.body ?? {};
  const messages = (body['input'] ?? body['messages']) as Record<string, unknown>[];
  return messages.filter(({ role }) => role === 'user').map(({ content }) => content);
}

describe('an image that a user sends', () => {
  it.each<[Wire, (url: string) => unknown]>([
    ['responses', (url) => ({ type: 'input_image', image_url: url, detail: 'auto' })],
    ['chat', (url) => ({ type: 'image_url', image_url: { url } })],
  ])(
    'reaches the model behind the words, and again with each later request: %s',
    async (wire, part) => {
      const place = await world(() => says('I see.'), { wireApi: wire });
      await writeFile(join(place.repository, 'shot.png'), PNG);
      const address = 'https://example.com/a.png';
      await say(place, [
        { type: 'localImage', path: 'shot.png' },
        { type: 'text', text: 'What is this?' },
        { type: 'image', url: dataUrl(PNG) },
        { type: 'image', url: address },
      ]);
      const text = wire === 'chat' ? 'text' : 'input_text';
      const content = [
        { type: text, text: 'What is this?' },
        ...[dataUrl(PNG), dataUrl(PNG), address].map(part),
      ];
      expect(sentContents(place)).toEqual([content]);
      expect(userMessages(place)).toMatchObject([
        {
          content: [
            { type: 'localImage', path: 'shot.png' },
            { type: 'text', text: 'What is this?' },
            { type: 'image', url: dataUrl(PNG) },
            { type: 'image', url: address },
          ],
        },
      ]);
      // What the file holds by now does not matter, nor what the daemon has in memory.
      await writeFile(join(place.repository, 'shot.png'), 'no image any more');
      await place.restart();
      await place.client.request(requests.threadResume, { threadId: place.threadId });
      await say(place, [{ type: 'text', text: 'And now?' }]);
      expect(sentContents(place)).toEqual([content, 'And now?']);
    },
  );

  it('can be all that is said, and be looked at more or less closely', async () => {
    const place = await world(() => says('I see.'));
    await say(place, [
      { type: 'image', url: dataUrl(PNG), detail: 'low' },
      { type: 'image', url: dataUrl(PNG), detail: 'original' },
    ]);
    expect(sentContents(place)).toMatchObject([
      [
        { type: 'input_image', detail: 'low' },
        { type: 'input_image', detail: 'high' },
      ],
    ]);
    const { thread } = await place.client.request(requests.threadRead, {
      threadId: place.threadId,
    });
    expect(thread.preview).toBe('[image]\n[image]');
  });

  it('that is long stands in its item as a file, and reaches the model whole', async () => {
    const place = await world(() => says('I see.'));
    const long = pngOf(2 * MIB);
    await say(place, [{ type: 'image', url: dataUrl(long), detail: 'high' }]);
    const [message] = userMessages(place);
    const [shown] = message?.content ?? [];
    expect(shown).toMatchObject({ type: 'localImage', detail: 'high' });
    const path = shown?.type === 'localImage' ? shown.path : '';
    expect((await readFile(path)).equals(long)).toBe(true);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(sentContents(place)).toEqual([
      [{ type: 'input_image', image_url: dataUrl(long), detail: 'high' }],
    ]);
    expect(JSON.stringify(place.client.log).length).toBeLessThan(MIB);
    const { data } = await place.client.request(requests.goalEventsList, {});
    expect(JSON.stringify(data).length).toBeLessThan(64 * 1024);
  });

  it('is added to the turn in flight', async () => {
    const place: GoalSetup = await world(async ({ index }) => {
      if (index > 0) return says('Now I see.');
      const { client, threadId } = place;
      const { data } = await client.request(requests.threadTurnsList, { threadId });
      await client.request(requests.turnSteer, {
        threadId,
        expectedTurnId: data[0]?.id ?? '',
        input: [{ type: 'image', url: dataUrl(PNG) }],
      });
      return says('Looking.');
    });
    await say(place, [{ type: 'text', text: 'Look.' }]);
    expect(sentContents(place)).toMatchObject(['Look.', [{ type: 'input_image' }]]);
  });

  it('comes along with a fork and an import', async () => {
    const place = await world(() => says('I see.'));
    const { client, threadId } = place;
    await say(place, [{ type: 'image', url: dataUrl(PNG) }]);
    const fork = await client.request(requests.threadFork, { threadId });
    const { rows } = await client.request(requests.threadExport, { threadId });
    const read = await client.request(requests.threadImport, {
      importId: crypto.randomUUID(),
      firstLine: 1,
      rows,
      isLast: true,
    });
    for (const id of [fork.thread.id, read.threads[0]?.threadId ?? '']) {
      await client.request(requests.threadResume, { threadId: id });
      await say({ ...place, client, threadId: id }, [{ type: 'text', text: 'And now?' }]);
      expect(sentContents(place)).toMatchObject([[{ image_url: dataUrl(PNG) }], 'And now?']);
    }
  });

  it('is left out by a compaction, which says so', async () => {
    const place = await world(
      ({ steering }) => says(steering?.includes('handover') === true ? 'A summary.' : 'I see.'),
      { contextWindow: 12_000, maxOutputTokens: 1000 },
    );
    const { client, threadId } = place;
    await say(place, [
      { type: 'text', text: 'Look.' },
      { type: 'image', url: dataUrl(PNG) },
    ]);
    // More than half of what a compaction keeps word for word.
    const words = Array.from({ length: 400 }, (_, at) => String(at * 7919)).join(' ');
    await say(place, [{ type: 'text', text: words }]);
    await client.request(requests.threadCompactStart, { threadId });
    await client.until(
      notifications.itemCompleted,
      ({ item }) => item.type === 'contextCompaction',
    );
    await say(place, [{ type: 'text', text: 'And now?' }]);
    const sent = JSON.stringify(sentContents(place));
    expect(sent).not.toContain('input_image');
    expect(sent).toContain('[An image stood here: it was left out to make room]');
    expect(userMessages(place)[0]?.content[1]).toMatchObject({ type: 'image' });
  });
});

describe('what is no image for a model', () => {
  it('is refused with what to do, and nothing is said', async () => {
    const place = await world(() => says('never'));
    const { client, threadId, repository } = place;
    await mkdir(join(repository, 'folder'));
    await writeFile(join(repository, 'a.svg'), '<svg/>');
    await writeFile(join(repository, 'large.png'), pngOf(6 * MIB));
    const wrong: [Exclude<UserInput, { type: 'text' }>, RegExp][] = [
      [{ type: 'image', url: 'data:image/png;base64,***' }, /base64/],
      [{ type: 'image', url: 'data:image/svg+xml;base64,AAAA' }, /data:image\/TYPE/],
      [{ type: 'image', url: 'data:image/png;base64,AAAA' }, /PNG, JPEG, GIF and WebP/],
      [{ type: 'image', url: 'file:///etc/passwd' }, /address of http/],
      [{ type: 'image', url: dataUrl(pngOf(5 * MIB + 1)) }, /at most 5 MiB/],
      [{ type: 'localImage', path: 'nowhere.png' }, /there is no file .*nowhere\.png/],
      [{ type: 'localImage', path: 'folder' }, /is no file/],
      [{ type: 'localImage', path: 'a.svg' }, /PNG, JPEG, GIF and WebP/],
      [{ type: 'localImage', path: 'large.png' }, /at most 5 MiB/],
    ];
    for (const [part, message] of wrong) {
      await expect(
        client.request(requests.turnStart, { threadId, input: [part] }),
      ).rejects.toMatchObject({
        message: expect.stringMatching(message) as unknown,
        data: { code: 'invalid_params' },
      });
    }
    const many = [3, 3, 3].map((mib) => ({
      type: 'image' as const,
      url: dataUrl(pngOf(mib * MIB)),
    }));
    await expect(
      client.request(requests.turnStart, { threadId, input: many }),
    ).rejects.toMatchObject({ message: expect.stringContaining('8 MiB together') as unknown });
    expect(place.model.requests).toEqual([]);
    expect(userMessages(place)).toEqual([]);
  });

  it('fails the turn with the words of the model, and is not sent again', async () => {
    const place = await world(({ index }) => (index === 0 ? REFUSED : says('Without it, then.')));
    await say(place, [
      { type: 'text', text: 'Look.' },
      { type: 'image', url: dataUrl(PNG) },
    ]);
    const ended = place.client.all(notifications.turnCompleted).at(-1)?.turn;
    expect(ended?.status).toBe('failed');
    expect(ended?.error?.message).toMatch(
      /refused the image: .*does not support image input.* choose a model that reads images/,
    );
    await say(place, [{ type: 'text', text: 'It was a red square.' }]);
    expect(place.client.all(notifications.turnCompleted).at(-1)?.turn.status).toBe('completed');
    expect(sentContents(place)).toEqual([
      'Look.\n[An image stood here: the model could not read it]',
      'It was a red square.',
    ]);
    expect(userMessages(place)[0]?.content[1]).toMatchObject({ type: 'image' });
  });
});
