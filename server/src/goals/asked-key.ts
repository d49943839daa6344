const AROUND = /^[\s"'`“”‘’«»(.,;:!?…-]+|[\s"'`“”‘’«»).,;:!?…-]+$/gu;

/** A text in a form in which the same thing asked again, in other case, spacing or end marks, is the same text. */
export function askedKey(text: string): string {
  const folded = text.normalize('NFKC').toLowerCase().replaceAll(/\s+/gu, ' ').trim();
  const bare = folded.replaceAll(AROUND, '');
  return bare === '' ? folded : bare;
}
