import type { Evidence } from '@goald/protocol';

/** Share of a requirement's words that a criterion has to hold to be taken for it. */
const ENOUGH_WORDS = 0.6;
/** Shorter texts are found in too many others. */
const TELLING_CHARS = 12;
const NUMBERED = /^(?:requirement|req|r|no|nr)?[\s.#:]*(\d{1,3})(?![\d.]|\s*\p{L})/iu;
const FILLERS: ReadonlySet<string> = new Set(
  'a an and are as at be by for from has have in is it its must no not of on or shall should that the then there this to was were will with'.split(
    ' ',
  ),
);

export interface MatchedEvidence {
  /** Each with the requirement it is for, where it is for one. */
  readonly evidence: readonly Evidence[];
  /** Requirements without any. */
  readonly missing: readonly string[];
}

function plain(text: string): string {
  return text
    .normalize('NFKC')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, ' ')
    .trim();
}

const wordsOf = (text: string): readonly string[] =>
  plain(text)
    .split(' ')
    .filter((word) => word !== '' && !FILLERS.has(word));

/** How well a criterion names a requirement, from 0 (not) to 3 (by its own words). `number` is the requirement's, from 1. */
function likeness(criterion: string, requirement: string, number: number): number {
  const [said, wanted] = [plain(criterion), plain(requirement)];
  if (said === wanted) return 3;
  const named = NUMBERED.exec(criterion.trim());
  if (named !== null && Number(named[1]) === number) return 2;
  if (wanted !== '' && ` ${said} `.includes(` ${wanted} `)) return 2;
  if (said.length >= TELLING_CHARS && ` ${wanted} `.includes(` ${said} `)) return 2;
  const words = new Set(wordsOf(requirement));
  if (words.size === 0) return 0;
  const spoken = new Set(wordsOf(criterion));
  const shared = [...words].filter((word) => spoken.has(word)).length / words.size;
  return shared >= ENOUGH_WORDS ? shared : 0;
}

/** Which evidence is for which requirement. A criterion counts for the one requirement it names best. */
export function matchEvidence(
  requirements: readonly string[],
  evidence: readonly Evidence[],
): MatchedEvidence {
  const matched = evidence.map((entry): Evidence => {
    const { criterion, proof } = entry;
    const best = requirements
      .map((requirement, index) => ({
        requirement,
        score: likeness(criterion, requirement, index + 1),
      }))
      .reduce<{ requirement: string; score: number } | null>(
        (found, next) => (next.score > (found?.score ?? 0) ? next : found),
        null,
      );
    return best === null
      ? { criterion, proof }
      : { criterion, proof, requirement: best.requirement };
  });
  const proven = new Set(matched.map(({ requirement }) => requirement));
  return { evidence: matched, missing: requirements.filter((one) => !proven.has(one)) };
}
