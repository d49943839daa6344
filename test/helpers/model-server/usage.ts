import type { Usage } from '@goald/protocol';
import type { ScriptedReply } from './types.js';

const CACHE_BLOCK = 128;

/** Counts what responses cost: by size, with a prompt cache that remembers the last prompt of each key. */
export class Meter {
  readonly #prompts = new Map<string, string>();

  /** The usage of a reply to a prompt. Figures the script gave win. */
  measure(cacheKey: string, prompt: string, reply: ScriptedReply): Usage {
    const cachedTokens = tokens(commonPrefix(this.#prompts.get(cacheKey) ?? '', prompt));
    this.#prompts.set(cacheKey, prompt);
    const reasoning = tokens((reply.reasoning ?? '').length);
    const spoken = JSON.stringify([reply.text ?? '', reply.toolCalls ?? []]).length;
    const computed: Usage = {
      input: tokens(prompt.length),
      cachedInput: Math.floor(cachedTokens / CACHE_BLOCK) * CACHE_BLOCK,
      output: tokens(spoken) + reasoning,
      reasoning,
    };
    if (reply.usage === undefined || reply.usage === null) return computed;
    return { cachedInput: 0, reasoning: 0, ...reply.usage };
  }
}

/** The sum of usages. */
export function addUp(usages: readonly Usage[]): Usage {
  const sum = { input: 0, cachedInput: 0, output: 0, reasoning: 0 };
  for (const usage of usages) {
    sum.input += usage.input;
    sum.cachedInput += usage.cachedInput;
    sum.output += usage.output;
    sum.reasoning += usage.reasoning;
  }
  return sum;
}

function tokens(characters: number): number {
  return Math.ceil(characters / 4);
}

function commonPrefix(a: string, b: string): number {
  const most = Math.min(a.length, b.length);
  let at = 0;
  while (at < most && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  return at;
}
