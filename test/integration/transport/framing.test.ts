import {
  encodeFrame,
  StreamDecoder,
  type Frame,
  type Framing,
} from '@goald/server/transport/framing.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const MAX = 64;

/** What comes out of a stream, as words. */
function decode(
  chunks: readonly Buffer[],
  max = MAX,
): { framing: Framing | undefined; out: string[] } {
  const decoder = new StreamDecoder(max);
  const frames: Frame[] = chunks.flatMap((chunk) => decoder.push(chunk));
  frames.push(...decoder.end());
  const out = frames.map((frame) =>
    frame.kind === 'message' ? frame.bytes.toString('utf8') : `<${frame.kind}>`,
  );
  return { framing: decoder.framing, out };
}

function splitAt(bytes: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [
    0,
    ...cuts.map((cut) => cut % (bytes.length + 1)).toSorted((a, b) => a - b),
    bytes.length,
  ];
  return places.slice(1).map((end, index) => bytes.subarray(places[index], end));
}

const BOM = '\u{FEFF}';
const long = `{"a":"${'x'.repeat(MAX)}"}`;
const header = (text: string): string =>
  `Content-Length: ${Buffer.byteLength(text)}\r\n\r\n${text}`;

const STREAMS: readonly (readonly [
  name: string,
  stream: string,
  framing: Framing,
  out: string[],
])[] = [
  ['lines', '{"a":1}\n{"b":2}\n', 'lines', ['{"a":1}', '{"b":2}']],
  ['lines with CR LF and blank ones', '{"a":1}\r\n\r\n \t\n[2]\r\n', 'lines', ['{"a":1}', '[2]']],
  ['a last line without line feed', '{"a":1}\n{"b":2}', 'lines', ['{"a":1}', '{"b":2}']],
  ['lines behind BOM and white space', `${BOM} \r\n\t{"a":"é"}\n`, 'lines', ['{"a":"é"}']],
  ['lines behind white space and BOM', ` ${BOM}{"a":1}\n`, 'lines', ['{"a":1}']],
  ['a line that is not JSON', 'hello\n{"a":1}\n', 'lines', ['hello', '{"a":1}']],
  ['a first line of quotes', '"a: b"\n{}\n', 'lines', ['"a: b"', '{}']],
  [
    'a line over the limit',
    `{"a":1}\n${long}\n{"b":2}\n`,
    'lines',
    ['{"a":1}', '<oversized>', '{"b":2}'],
  ],
  ['a last line over the limit', `{}\n${long}`, 'lines', ['{}', '<oversized>']],
  ['a line exactly at the limit', `${'{'.repeat(MAX)}\r\n{}\n`, 'lines', ['{'.repeat(MAX), '{}']],
  ['a line one over the limit', `${'{'.repeat(MAX + 1)}\n{}\n`, 'lines', ['<oversized>', '{}']],
  ['headers', header('{"a":"é"}') + header('{}'), 'headers', ['{"a":"é"}', '{}']],
  ['headers behind BOM and white space', `${BOM}\n ${header('{}')}`, 'headers', ['{}']],
  [
    'other headers, any case, LF alone',
    'content-type: x; charset=utf-8\ncontent-LENGTH:2\n\n{}\r\n\r\n' + header('[]'),
    'headers',
    ['{}', '[]'],
  ],
  ['a body over the limit', header(long) + header('{}'), 'headers', ['<oversized>', '{}']],
  ['a body with line feeds', header('{\n\n}'), 'headers', ['{\n\n}']],
  ['headers without a length', `X-Y: 1\r\n\r\n${header('{}')}`, 'headers', ['<malformed>', '{}']],
  [
    'a length that is no number',
    `Content-Length: -5\r\n\r\n${header('{}')}`,
    'headers',
    ['<malformed>', '{}'],
  ],
  [
    'a header line of 100 kB',
    `A: ${'y'.repeat(100_000)}\r\n\r\n${header('{}')}`,
    'headers',
    ['<malformed>', '{}'],
  ],
  ['headers cut short', `${header('{}')}Content-Len`, 'headers', ['{}', '<malformed>']],
  [
    'a body cut short',
    `${header('{}')}Content-Length: 5\r\n\r\n{`,
    'headers',
    ['{}', '<malformed>'],
  ],
];

describe('what stands on a stream is found', () => {
  it.each(STREAMS)('%s', (_name, stream, framing, out) => {
    expect(decode([Buffer.from(stream)])).toEqual({ framing, out });
  });

  it.each(STREAMS)('%s, byte by byte', (_name, stream, framing, out) => {
    const bytes = Buffer.from(stream);
    const chunks = Array.from(bytes, (_byte, index) => bytes.subarray(index, index + 1));
    expect(decode(chunks)).toEqual({ framing, out });
  });

  it.each(STREAMS)('%s, cut in two anywhere', (_name, stream, framing, out) => {
    const bytes = Buffer.from(stream);
    const step = Math.ceil(bytes.length / 300);
    for (let cut = 0; cut <= bytes.length; cut += step) {
      expect(decode(splitAt(bytes, [cut]))).toEqual({ framing, out });
    }
  });

  it('an empty stream holds nothing', () => {
    expect(decode([]).out).toEqual([]);
    expect(decode([Buffer.from(`${BOM} \n`)]).out).toEqual([]);
  });

  it('the framing is not guessed before the first telling byte', () => {
    const decoder = new StreamDecoder(MAX);
    for (const piece of [BOM, ' \n', 'Content', '-Length']) {
      decoder.push(Buffer.from(piece));
      expect(decoder.framing).toBeUndefined();
    }
    decoder.push(Buffer.from(':'));
    expect(decoder.framing).toBe('headers');
  });
});

describe('properties', () => {
  const json = fc.json({ noUnicodeString: false }).filter((text) => /^[{[]/.test(text));
  const cuts = fc.array(fc.nat(), { maxLength: 20 });
  const framings = fc.constantFrom<Framing>('lines', 'headers');

  it('messages come out as they went in, however the stream is cut', () => {
    fc.assert(
      fc.property(
        framings,
        fc.array(json, { minLength: 1, maxLength: 8 }),
        cuts,
        (framing, texts, at) => {
          const stream = Buffer.concat(
            texts.map((text) => encodeFrame(framing, Buffer.from(text))),
          );
          expect(decode(splitAt(stream, at), 1_000_000)).toEqual({ framing, out: texts });
        },
      ),
    );
  });

  it('what comes out of any bytes does not depend on how they were cut, and nothing throws', () => {
    const bytes = fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc
        .array(
          fc.constantFrom(
            '{',
            '}',
            '\n',
            '\r',
            'Content-Length',
            ':',
            ' ',
            '3',
            '1',
            BOM,
            'é',
            long,
          ),
          { maxLength: 60 },
        )
        .map((parts) => Buffer.from(parts.join(''))),
    );
    fc.assert(
      fc.property(bytes, cuts, (raw, at) => {
        const stream = Buffer.from(raw);
        expect(decode(splitAt(stream, at))).toEqual(decode([stream]));
      }),
      { numRuns: 500 },
    );
  });

  it('a line break inside of a message becomes a space on a line', () => {
    expect(encodeFrame('lines', Buffer.from('{\r\n"a":\n1}')).toString()).toBe('{  "a": 1}\n');
  });
});
