import type { Usage } from '@goald/protocol';

/** One thing the model was sent, the same for both wire APIs. */
export type InputItem =
  | { readonly type: 'message'; readonly role: string; readonly text: string }
  | { readonly type: 'reasoning'; readonly id: string }
  | {
      readonly type: 'call';
      readonly callId: string;
      readonly name: string;
      readonly arguments: string;
    }
  | { readonly type: 'output'; readonly callId: string; readonly output: string };

/** A request as a script sees it. */
export interface ScriptedRequest {
  /** Number of this request, from 0, over the life of the server. */
  readonly index: number;
  readonly api: 'responses' | 'chat';
  readonly model: string;
  readonly instructions: string;
  /** History without instructions and steering. */
  readonly input: readonly InputItem[];
  /** How many whole responses of this server the history holds. The same for a request that is made again. */
  readonly progress: number;
  /** Outputs of the calls of the newest response, in the order of the history; empty when it made none. */
  readonly lastToolOutputs: readonly string[];
  /** The goal note at the tail, or null. */
  readonly steering: string | null;
  readonly toolNames: readonly string[];
  readonly body: Readonly<Record<string, unknown>>;
  /** Aborts when the client goes away. */
  readonly signal: AbortSignal;
}

export interface ScriptedCall {
  readonly name: string;
  /** Objects are sent as JSON, texts as they stand. */
  readonly arguments: object | string;
}

/** What goes wrong with a reply. */
export type Fault =
  /** An HTTP answer instead of a stream. Objects are sent as JSON, texts as they stand. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly body?: object | string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The connection is closed after so many bytes of the stream; `reset`: with an RST. */
  | { readonly kind: 'cut'; readonly afterBytes: number; readonly reset?: boolean }
  /** Nothing comes (any more): not even headers without `afterBytes`. */
  | { readonly kind: 'hang'; readonly afterBytes?: number }
  /** The connection is closed without an answer. */
  | { readonly kind: 'refuse' }
  | StreamFault
  /** Every event is sent twice. */
  | { readonly kind: 'repeat' }
  /** Every two neighbours among the events change places; the first and the last two stay. */
  | { readonly kind: 'reorder' }
  /** The stream begins well and then brings so many bytes: text, arguments of a call, or one event without end. */
  | { readonly kind: 'flood'; readonly bytes: number; readonly as: 'text' | 'call' | 'event' };

export type StreamFault =
  /** The stream begins well and then tells of an error. */
  | { readonly kind: 'streamError'; readonly error: Readonly<Record<string, unknown>> }
  /** The stream begins well and then holds this; default: an event that is not JSON. */
  | { readonly kind: 'malformed'; readonly event?: string };

export interface ScriptedReply {
  readonly text?: string;
  /** Summary of the reasoning. */
  readonly reasoning?: string;
  readonly toolCalls?: readonly ScriptedCall[];
  /** Absent: computed from sizes. null: the server tells no figures (it still bills the computed ones). */
  readonly usage?: (Partial<Usage> & Pick<Usage, 'input' | 'output'>) | null;
  /** How the response ends; worked out from the rest when absent. */
  readonly finish?: 'length' | 'refusal';
  /** Tier the answer says it was served with; null or absent: it says nothing. */
  readonly serviceTier?: string | null;
  /** Before the first byte. */
  readonly delayMs?: number;
  /** Between two events of the stream. */
  readonly pieceDelayMs?: number;
  readonly fault?: Fault;
}

export type Script = (request: ScriptedRequest) => ScriptedReply | Promise<ScriptedReply>;

/** A request as it was recorded. */
export interface RecordedRequest {
  readonly index: number;
  readonly id: string;
  readonly path: string;
  readonly headers: Readonly<
    Record<'authorization' | 'content-type' | 'user-agent', string | null>
  >;
  readonly body: Readonly<Record<string, unknown>>;
  /** The body as it came. */
  readonly rawBody: string;
  readonly atMs: number;
  /** What became of the answer so far. */
  readonly state: 'open' | 'sent' | 'faulted' | 'abandoned';
}

/** What one response cost at this provider. */
export interface BillLine {
  readonly index: number;
  readonly id: string;
  readonly usage: Usage;
  /** True when the figures were sent, in a stream that was written to its end. */
  readonly told: boolean;
}

export interface Bill {
  readonly lines: readonly BillLine[];
  /** Sum of all lines. */
  readonly total: Usage;
  /** Sum of the lines whose figures reached the client. */
  readonly told: Usage;
}
