const TAIL_LINES = 40;
const TELLING_LINES = 30;
const MAX_CHARS = 4000;
const TELLING = /not ok|\bfail|error|assert|expected|✖|✗|×|panic|exception/i;

/** The part of a failed command's output that tells why: the telling lines and the end. At most 4,000 characters. */
export function digestOf(output: string): string {
  const lines = output.replaceAll('\r\n', '\n').trimEnd().split('\n');
  const tail = lines.slice(-TAIL_LINES);
  const telling = lines
    .slice(0, -TAIL_LINES)
    .filter((line) => TELLING.test(line))
    .slice(0, TELLING_LINES);
  const text = [...telling, ...(telling.length > 0 ? ['…'] : []), ...tail].join('\n');
  return text.length <= MAX_CHARS
    ? text
    : `${text.slice(0, MAX_CHARS / 4)}\n…\n${text.slice(-(MAX_CHARS * 3) / 4)}`;
}
