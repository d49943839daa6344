import type { Usage } from '@goald/protocol';

/** An image as the model gets it. */
export interface ImagePart {
  /** data:image/…;base64,… or an address that the provider fetches. */
  readonly url: string;
  readonly detail?: 'auto' | 'low' | 'high';
}

/** One entry of a conversation, in no provider's dialect. Entries of one model response share its `responseId`. */
export type HistoryEntry =
  | {
      readonly kind: 'user';
      readonly text: string;
      /** Behind the text. */
      readonly images?: readonly ImagePart[];
      /** Said while this response was already asked for: the model gets it after that response. */
      readonly duringResponseId?: string;
      /** It stands for an older part of the conversation that was compacted; no user said it. */
      readonly isSummary?: boolean;
    }
  | { readonly kind: 'assistant'; readonly responseId: string; readonly text: string }
  | {
      readonly kind: 'reasoning';
      readonly responseId: string;
      /** What the provider needs back unchanged, or null where it needs nothing. */
      readonly opaque: Readonly<Record<string, unknown>> | null;
    }
  | {
      readonly kind: 'toolCall';
      readonly responseId: string;
      readonly callId: string;
      readonly name: string;
      /** The arguments as the model wrote them: JSON text, possibly broken. */
      readonly arguments: string;
    }
  | { readonly kind: 'toolOutput'; readonly callId: string; readonly output: string };

export interface ToolSpec {
  readonly name: string;
  readonly description: string;
  /** JSON Schema of the arguments object. */
  readonly parameters: Readonly<Record<string, unknown>>;
}

export interface ModelRequest {
  readonly model: string;
  readonly instructions: string;
  readonly tools: readonly ToolSpec[];
  readonly history: readonly HistoryEntry[];
  /** The short goal item at the tail, replaced with each request; null where there is no goal. */
  readonly steering: string | null;
  readonly maxOutputTokens: number;
  /** priority: sooner, and dearer. */
  readonly serviceTier: 'priority' | 'default';
  /** Stable over a thread, so that the provider routes to the same prompt cache. */
  readonly cacheKey: string;
}

export const FINISH_REASONS = ['stop', 'toolCalls', 'length', 'refusal'] as const;
export type FinishReason = (typeof FINISH_REASONS)[number];

/**
 * What a model says, in order. `text`, `reasoning` and `toolCall` are whole; the deltas of a block come before it. A call's pieces are
 * no call yet: they count when the answer breaks off. `completed` is last.
 */
export type ModelEvent =
  | { readonly type: 'textDelta'; readonly delta: string }
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'reasoningDelta'; readonly delta: string; readonly summaryIndex: number }
  | {
      readonly type: 'reasoning';
      readonly summary: readonly string[];
      readonly opaque: Readonly<Record<string, unknown>> | null;
    }
  | { readonly type: 'callDelta'; readonly delta: string }
  | {
      readonly type: 'toolCall';
      readonly callId: string;
      readonly name: string;
      readonly arguments: string;
    }
  | {
      readonly type: 'completed';
      readonly finish: FinishReason;
      /** The provider's figures, or null when the server sent none. */
      readonly usage: Usage | null;
      /** Tier that served it, in the provider's word; absent or null where it said nothing. */
      readonly serviceTier?: string | null;
    };

export const MODEL_ERROR_KINDS = [
  'transient',
  'quota',
  'contextOverflow',
  'permanent',
  'notConfigured',
] as const;
export type ModelErrorKind = (typeof MODEL_ERROR_KINDS)[number];

/** Why a model request failed. `message` is the provider's own, fit for a person, without secrets. */
export class ModelError extends Error {
  override readonly name = 'ModelError';
  readonly kind: ModelErrorKind;
  /** HTTP status, where one came. */
  readonly status: number | null;
  /** Retry-After, in milliseconds, where the provider sent one. */
  readonly retryAfterMs: number | null;
  /** Unix milliseconds at which a quota comes back, only where the provider said so. */
  readonly resetAtMs: number | null;
  /** False when the provider surely did no work: refused connection, or an error status before any output. */
  readonly mayHaveCost: boolean;
  /** True when the answer had begun before it failed. */
  readonly answerBegan: boolean;

  constructor(options: {
    kind: ModelErrorKind;
    message: string;
    status?: number | null;
    retryAfterMs?: number | null;
    resetAtMs?: number | null;
    mayHaveCost?: boolean;
    answerBegan?: boolean;
    cause?: unknown;
  }) {
    super(options.message, { cause: options.cause });
    this.kind = options.kind;
    this.status = options.status ?? null;
    this.retryAfterMs = options.retryAfterMs ?? null;
    this.resetAtMs = options.resetAtMs ?? null;
    this.mayHaveCost = options.mayHaveCost ?? false;
    this.answerBegan = options.answerBegan ?? false;
  }
}

/** A model somewhere. One instance serves every thread. */
export interface AgentModel {
  /** Name of the provider, as the ledger and thread.modelProvider show it. */
  readonly provider: string;
  /** Model used when a thread names none. */
  readonly defaultModel: string;
  readonly contextWindow: number;
  readonly maxOutputTokens: number;
  /**
   * Sends one request and yields its events. Throws ModelError; after `signal` aborts it throws the signal's reason.
   * It makes no retry of its own. A stream that ends before `completed` throws a transient ModelError with mayHaveCost.
   */
  stream(request: ModelRequest, signal: AbortSignal): AsyncIterable<ModelEvent>;
  /** Names of the models its provider offers; empty where it cannot say. May reject. */
  listModels(signal: AbortSignal): Promise<readonly string[]>;
}
