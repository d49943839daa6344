import type { LintFinding } from '../lint.js';

/** Words that mean something else to everyone, and what to say instead. */
const VAGUE: readonly (readonly [RegExp, string])[] = [
  [
    /\b(?:faster|fast|quick(?:er|ly)?|slow(?:er)?|performant|performance|snapp(?:y|ier))\b/iu,
    'give the input, the figure and how it is measured: “`bench/import.js` takes under 2 s for 100k rows”',
  ],
  [
    /\b(?:better|nicer?|good|great|best|beautiful|elegant|proper(?:ly)?|clean(?:er|ly)?)\b/iu,
    'say what a reviewer would see: which duplication is gone, which function is split, which warning no longer appears',
  ],
  [
    /\b(?:robust|reliable|stable|bullet-?proof|resilient)\b/iu,
    'name what it must survive: “a closed connection is retried three times”, “a truncated file is refused with its line number”',
  ],
  [
    /\b(?:user[- ]friendly|intuitive|easy|easier|simple|simpler|convenient)\b/iu,
    'describe the use: what one types or clicks, and what one sees',
  ],
  [
    /\b(?:modern|modernise|modernize|state[- ]of[- ]the[- ]art|up[- ]to[- ]date)\b/iu,
    'name the versions or interfaces: “no callback API of `fs` is left”, “express 5”',
  ],
  [
    /\b(?:secure|safe(?:ly)?|hardened)\b/iu,
    'name the attack: “a path with `..` is refused with 400”',
  ],
  [
    /\b(?:scalable|production[- ]ready|enterprise[- ]grade|high[- ]quality|world[- ]class)\b/iu,
    'name the load or the list that has to be ticked',
  ],
  [
    /\b(?:etc\.?|and so on|and more(?=\s*(?:[.,;!]|$))|and such|or so|things like that|stuff|somehow|as needed|where(?:ver)? (?:appropriate|necessary|possible)|if possible)(?=\W|$)/iu,
    'finish the list, or say how one decides: what is not named will be guessed',
  ],
  [
    /\b(?:some|several|various|a few|a couple of|many) (?:tests?|files?|bugs?|issues?|improvements?|changes?|features?|pages?|things?)\b/iu,
    'say which ones, or how many',
  ],
];

/** A figure beside such a word says what is meant by it. */
const MEASURED =
  /\b\d+(?:\.\d+)?\s*(?:ms|s|sec|seconds?|minutes?|%|percent|x|times|kb|mb|gb|rows?|requests?|users?)\b/iu;

export function vagueWords(prose: string): readonly LintFinding[] {
  const plain = prose.replaceAll(/`[^`]*`/gu, ' ');
  return VAGUE.flatMap(([pattern, advice]): readonly LintFinding[] => {
    const word = pattern.exec(plain)?.[0];
    if (word === undefined || MEASURED.test(plain)) return [];
    return [
      {
        code: 'vague',
        severity: 'advice',
        message: `“${word}” means something else to everyone.`,
        advice: `${advice.charAt(0).toUpperCase()}${advice.slice(1)}.`,
      },
    ];
  });
}
