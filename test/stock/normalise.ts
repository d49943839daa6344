/** Words of the client that say when, how long, where or how much, and hints that it chooses by chance. */
const MOVING: readonly (readonly [RegExp, string])[] = [
  [/[⠀-⣿]+/gu, ''],
  [/\(?\b(?:<?\d+(?:\.\d+)?(?:ms|s|m|h))(?: \d+s)?\b(?= •|\)|$)/gu, '(time)'],
  [/Worked for .*$/u, 'Worked for (time)'],
  [/\(\d+m? ?\d*s( • esc to interrupt\))/u, '((time)$1'],
  [/Pursuing goal \([^)]*\)/u, 'Pursuing goal (time)'],
  [/Goal (\w+) \([^)]*\)/u, 'Goal $1 (figures)'],
  [/Time: .*/u, 'Time: (time)'],
  [/Tokens used: .*/u, 'Tokens used: (tokens)'],
  [/\S+\/repo(?=$| · )/u, '(repository)'],
  [/^› (now|\d+s ago)(?= )/u, '› (time)'],
  [/Time used: \S+/u, 'Time used: (time)'],
  [/Token usage so far: .*/u, 'Token usage so far: (tokens)'],
  [/^(← for agents · )?\? for shortcuts/u, ''],
  [/openai-like/u, 'openai'],
  [/^[◦•] (Working|Running)/u, '• $1'],
  [/ws:\/\/127\.0\.0\.1:\d+\//u, 'ws://SERVER/'],
  [/\(v\d[\w.]*\)/gu, '(version)'],
  [/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gu, 'ID'],
  [/\d+(?:\.\d+)?[KM]\b/gu, '(tokens)'],
  [/\b\d+ output\b/u, '(tokens) output'],
  [/\d+% left/u, '(share) left'],
  [/ · ⚠ \d+ warnings? · f2 to view|⚠ \d+ warnings? · f2 to view/u, ''],
  [/\d+ >> progress/u, 'N >> progress'],
];
const CHANCE = /^\s*└ Tip:|^~$|^Pane is dead|^\(repository\)$/u;

/** The lines of a screen that say something, without what is never the same twice. */
export function normalised(screen: string): string[] {
  return screen
    .split('\n')
    .map((line) =>
      MOVING.reduce((text, [what, by]) => text.replace(what, by), line.trim())
        .replace(/\s+/gu, ' ')
        .trim(),
    )
    .filter((line) => line !== '' && !CHANCE.test(line));
}
