import type { Usage } from '@goald/protocol';

/** What one model request costs the goal. */
export interface Charge {
  readonly usage: Usage;
  /** Uncached input + output: what counts against a token budget. */
  readonly tokens: number;
  /** The provider gave no figures. */
  readonly estimated: boolean;
}

const NO_USAGE: Usage = { input: 0, cachedInput: 0, output: 0, reasoning: 0 };

/** The charge for figures the provider gave. Figures that contradict each other are brought into range, never below zero. */
export function measuredCharge(usage: Usage): Charge {
  const input = Math.max(0, usage.input);
  const cachedInput = Math.min(input, Math.max(0, usage.cachedInput));
  const output = Math.max(0, usage.output);
  const reasoning = Math.min(output, Math.max(0, usage.reasoning));
  return {
    usage: { input, cachedInput, output, reasoning },
    tokens: input - cachedInput + output,
    estimated: false,
  };
}

/** The charge where figures never came: the estimated input and the output that was seen. */
export function estimatedCharge(estimatedInput: number, outputTokensSeen: number): Charge {
  const input = Math.max(0, Math.ceil(estimatedInput));
  const output = Math.max(0, Math.ceil(outputTokensSeen));
  return {
    usage: { input, cachedInput: 0, output, reasoning: 0 },
    tokens: input + output,
    estimated: true,
  };
}

/** A request the provider refused before doing any work. */
export function noCharge(): Charge {
  return { usage: NO_USAGE, tokens: 0, estimated: false };
}

/** Tokenizer counts differ from a provider's by a factor that is stable for a model: the last answer's real figures tell it. */
export function correctionFactor(last: { counted: number; real: number } | undefined): number {
  if (last === undefined || last.counted <= 0 || last.real <= 0) return 1;
  return Math.min(2, Math.max(0.5, last.real / last.counted));
}
