/** One place of a file, before and after a change. */
export interface Hunk {
  /** First line of it in the changed file, from 1; null where the diff does not say. */
  readonly line: number | null;
  readonly before: string;
  readonly after: string;
}

const HEADER = /^@@(?: -\d+(?:,\d+)? \+(\d+)(?:,\d+)? @@)?/u;

/**
 * The places a unified diff of one file changes. A diff without headers, as a patch has it before it is applied, is one place.
 * What is no diff at all, such as the note that a file is binary, has none.
 */
export function hunksOf(diff: string): readonly Hunk[] {
  const lines = diff.split('\n');
  const headed = lines.some((line) => line.startsWith('@@'));
  const hunks: Hunk[] = [];
  let open: { line: number | null; before: string[]; after: string[] } | null = headed
    ? null
    : { line: null, before: [], after: [] };
  const close = (): void => {
    if (open === null || open.before.length + open.after.length === 0) return;
    hunks.push({ line: open.line, before: open.before.join('\n'), after: open.after.join('\n') });
  };
  for (const line of lines) {
    const header = HEADER.exec(line);
    if (header !== null) {
      close();
      const at = header[1];
      open = { line: at === undefined ? null : Math.max(1, Number(at)), before: [], after: [] };
      continue;
    }
    if (open === null) continue;
    const text = line.slice(1);
    if (line.startsWith('-')) open.before.push(text);
    else if (line.startsWith('+')) open.after.push(text);
    else if (line.startsWith(' ')) {
      open.before.push(text);
      open.after.push(text);
    }
  }
  close();
  return hunks;
}
