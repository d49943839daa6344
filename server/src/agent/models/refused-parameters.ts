import { numberOf, objectOf, textOf } from './json.js';

/** Parameters that make requests better but that a server may refuse: the request goes again without them. */
const OPTIONAL_PARAMETERS = [
  'include',
  'parallel_tool_calls',
  'prompt_cache_key',
  'reasoning.summary',
  'service_tier',
  'stream_options',
] as const;
export type OptionalParameter = (typeof OPTIONAL_PARAMETERS)[number];

/** Stands for the reasoning that earlier answers carried, which another server or account cannot read. */
export const EARLIER_REASONING = 'earlier reasoning';

const REFUSAL =
  /not (?:supported|permitted|allowed)|un(?:supported|known|recognized|expected)|must be verified/i;
const NONE: ReadonlySet<string> = new Set();

/** Remembers, for each model, what its server refused by name. */
export class RefusedParameters {
  readonly #names = new Map<string, Set<string>>();

  names(model: string): ReadonlySet<string> {
    return this.#names.get(model) ?? NONE;
  }

  /** True when the error refuses something optional for the first time: the same request without it is worth sending. */
  learn(model: string, error: unknown): boolean {
    const name = refusedName(error);
    if (name === null || this.names(model).has(name)) return false;
    this.#names.set(model, new Set([...this.names(model), name]));
    return true;
  }
}

function refusedName(error: unknown): string | null {
  const shape = objectOf(error);
  const status = numberOf(shape['status']);
  if (status !== 400 && status !== 422) return null;
  const body = objectOf(shape['error']);
  if (textOf(body['code']) === 'invalid_encrypted_content') return EARLIER_REASONING;
  const param = textOf(body['param']) ?? '';
  const named = OPTIONAL_PARAMETERS.find((name) => param === name || param.startsWith(`${name}.`));
  if (named !== undefined) return named;
  const message = textOf(body['message']) ?? '';
  if (/encrypted content is not supported/i.test(message)) return 'include';
  if (!REFUSAL.test(message)) return null;
  return OPTIONAL_PARAMETERS.find((name) => name !== 'include' && message.includes(name)) ?? null;
}
