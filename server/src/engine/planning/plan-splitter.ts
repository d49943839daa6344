const BEGIN = '<proposed_plan>';
const END = '</proposed_plan>';

/** A piece of what the model says in a turn that plans. */
export type PlanPiece =
  | { readonly kind: 'text' | 'plan'; readonly text: string }
  /** A plan begins; it takes the place of one before it. */
  | { readonly kind: 'begin' };

/**
 * Tells the plan from the words around it while both stream in. A plan stands between two tags that have a line each; a line that may
 * still become a tag is held back.
 */
export class PlanSplitter {
  /** The line so far, while it may become a tag; null behind its beginning. */
  #held: string | null = '';
  #inPlan = false;

  push(delta: string): PlanPiece[] {
    const pieces: PlanPiece[] = [];
    for (const part of delta.split(/(?<=\n)/u)) this.#take(part, pieces);
    return joined(pieces);
  }

  /** What was held back. A plan that is still open ends here, too. */
  end(): PlanPiece[] {
    const pieces: PlanPiece[] = [];
    if (this.#held !== null && this.#held !== '') this.#line(this.#held, pieces);
    this.#held = '';
    this.#inPlan = false;
    return joined(pieces);
  }

  /** A part of a line, with its end if that is there. */
  #take(part: string, pieces: PlanPiece[]): void {
    const isWhole = part.endsWith('\n');
    if (this.#held === null) this.#say(part, pieces);
    else {
      const line = this.#held + part;
      this.#held = '';
      if (isWhole) this.#line(line, pieces);
      else if (mayBecomeTag(line)) this.#held = line;
      else {
        this.#held = null;
        this.#say(line, pieces);
      }
    }
    if (isWhole) this.#held = '';
  }

  #line(line: string, pieces: PlanPiece[]): void {
    const word = line.trim();
    if (word === BEGIN && !this.#inPlan) {
      this.#inPlan = true;
      pieces.push({ kind: 'begin' });
    } else if (word === END && this.#inPlan) this.#inPlan = false;
    else this.#say(line, pieces);
  }

  #say(text: string, pieces: PlanPiece[]): void {
    if (text !== '') pieces.push({ kind: this.#inPlan ? 'plan' : 'text', text });
  }
}

/** What a whole text says around its plan, and the plan; null without one. Of several plans the last counts. */
export function splitPlan(whole: string): { readonly text: string; readonly plan: string | null } {
  const splitter = new PlanSplitter();
  let text = '';
  let plan: string | null = null;
  for (const piece of [...splitter.push(whole), ...splitter.end()]) {
    if (piece.kind === 'begin') plan = '';
    else if (piece.kind === 'plan') plan = (plan ?? '') + piece.text;
    else text += piece.text;
  }
  return { text, plan };
}

function mayBecomeTag(line: string): boolean {
  const start = line.trimStart();
  const word = start.trimEnd();
  // Behind a whole tag only blanks may follow; within one there are none.
  if (word === BEGIN || word === END) return true;
  return start === word && (BEGIN.startsWith(word) || END.startsWith(word));
}

/** Neighbours of one kind as one. */
function joined(pieces: readonly PlanPiece[]): PlanPiece[] {
  const result: PlanPiece[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    if (piece.kind !== 'begin' && last?.kind === piece.kind) {
      result[result.length - 1] = { kind: piece.kind, text: last.text + piece.text };
    } else result.push(piece);
  }
  return result;
}
