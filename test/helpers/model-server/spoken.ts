import type { Usage } from '@goald/protocol';
import type { ScriptedReply } from './types.js';

/** A reply ready to be put into an API's dialect. */
export interface Spoken {
  readonly id: string;
  readonly model: string;
  readonly createdAt: number;
  readonly reasoning: string;
  readonly text: string;
  readonly calls: readonly {
    readonly id: string;
    readonly name: string;
    readonly arguments: string;
  }[];
  readonly finish: 'stop' | 'toolCalls' | 'length' | 'refusal';
  /** null: the answer does not say. */
  readonly serviceTier: string | null;
  /** null: the figures are not told. */
  readonly usage: Usage | null;
}

/** Gives a reply its ids. */
export function spoken(
  reply: ScriptedReply,
  options: { id: string; model: string; createdAt: number; usage: Usage },
): Spoken {
  const calls = (reply.toolCalls ?? []).map((call, at) => ({
    id: `call_${options.id}_${String(at)}`,
    name: call.name,
    arguments: typeof call.arguments === 'string' ? call.arguments : JSON.stringify(call.arguments),
  }));
  return {
    id: options.id,
    model: options.model,
    createdAt: options.createdAt,
    reasoning: reply.reasoning ?? '',
    text: reply.text ?? '',
    calls,
    finish: reply.finish ?? (calls.length > 0 ? 'toolCalls' : 'stop'),
    serviceTier: reply.serviceTier ?? null,
    usage: reply.usage === null ? null : options.usage,
  };
}

/** A text in the pieces it is streamed in. */
export function pieces(text: string): readonly string[] {
  return [...text.matchAll(/.{1,24}/gsu)].map((match) => match[0]);
}
