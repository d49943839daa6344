import { createHash } from 'node:crypto';

export interface RepeatRules {
  /** Times in a row before the model is told. */
  readonly notice: number;
  /** Times in a row before the turn ends. */
  readonly stop: number;
}

export type RepeatVerdict = 'fine' | 'notice' | 'stop';

/** Notices a model that makes the same call and gets the same output again and again. */
export class RepeatGuard {
  readonly #rules: RepeatRules;
  #last = '';
  #count = 0;

  constructor(rules: RepeatRules) {
    this.#rules = rules;
  }

  see(call: { readonly name: string; readonly arguments: string }, output: string): RepeatVerdict {
    const key = createHash('sha256')
      .update(JSON.stringify([call.name, call.arguments, output]))
      .digest('hex');
    this.#count = key === this.#last ? this.#count + 1 : 1;
    this.#last = key;
    if (this.#count >= this.#rules.stop) return 'stop';
    return this.#count === this.#rules.notice ? 'notice' : 'fine';
  }
}
