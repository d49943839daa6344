import { keptResult, resultText } from '@goald/server/agent/mcp/result-text.js';
import { describe, expect, it } from 'vitest';

describe('what the model reads of a result', () => {
  it('is its texts, and everything else by name', () => {
    expect(
      resultText({
        content: [
          { type: 'text', text: 'one' },
          { type: 'image', data: 'A'.repeat(4096), mimeType: 'image/png' },
          { type: 'resource', resource: { uri: 'x://a', text: 'inside', mimeType: 'text/plain' } },
          { type: 'resource', resource: { uri: 'x://b', blob: 'AAAA' } },
          { type: 'resource_link', uri: 'x://c', name: 'c', description: 'the third' },
        ],
      }),
    ).toBe(
      [
        'one',
        '[image, image/png, 3 KiB: it cannot be shown here]',
        '[resource x://a, text/plain]\ninside',
        '[resource x://b, 1 KiB: it cannot be shown here]',
        '[resource x://c: the third]',
      ].join('\n'),
    );
  });

  it('has what is structured once', () => {
    const structuredContent = { b: 1, a: [2] };
    const text = { type: 'text' as const, text: '{"a":[2],"b":1}' };
    expect(resultText({ content: [text], structuredContent })).toBe(text.text);
    expect(resultText({ content: [], structuredContent })).toBe(
      JSON.stringify(structuredContent, null, 2),
    );
    expect(resultText({ content: [] })).toBe('(It answered with nothing.)');
  });
});

it('an item keeps a result, or what the model read of it where it is long', () => {
  const small = { content: [{ type: 'text' as const, text: 'one' }], isError: true };
  expect(keptResult(small, 'one')).toEqual({
    content: small.content,
    structuredContent: null,
    _meta: null,
  });
  const large = { content: [{ type: 'image' as const, data: 'A'.repeat(70_000), mimeType: 'x' }] };
  expect(keptResult(large, 'named')).toMatchObject({ content: [{ type: 'text', text: 'named' }] });
});
