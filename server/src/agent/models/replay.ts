import { setTimeout as pause } from 'node:timers/promises';
import type { Config } from '@goald/protocol';
import {
  ModelError,
  type AgentModel,
  type HistoryEntry,
  type ModelEvent,
  type ModelRequest,
} from '../../engine/ports/model.js';
import { readTranscript, type Transcript } from './transcript.js';

const PIECE = /.{1,16}/gsu;
const DEFAULT_PAUSE_MS = 10;

/**
 * A recorded model, offline. The n-th response of a thread is the n-th line of the transcript. What a thread's history holds
 * decides the line, so a request that is made again, also after a restart, gets the same answer.
 */
export class ReplayModel implements AgentModel {
  readonly provider = 'replay';
  readonly defaultModel: string;
  readonly contextWindow: number;
  readonly maxOutputTokens: number;
  readonly #path: string;
  readonly #pauseMs: number;
  #transcript: Promise<Transcript> | undefined;

  /** `pauseMs`: pause after each streamed piece, so that a person sees it stream. */
  constructor(options: { config: Config['model']; transcript: string; pauseMs?: number }) {
    this.defaultModel = options.config.name;
    this.contextWindow = options.config.contextWindow;
    this.maxOutputTokens = options.config.maxOutputTokens;
    this.#path = options.transcript;
    this.#pauseMs = options.pauseMs ?? DEFAULT_PAUSE_MS;
  }

  listModels(): Promise<readonly string[]> {
    return Promise.resolve([]);
  }

  async *stream(
    request: ModelRequest,
    signal: AbortSignal,
  ): AsyncGenerator<ModelEvent, void, undefined> {
    signal.throwIfAborted();
    this.#transcript ??= readTranscript(this.#path);
    const response = (await this.#transcript)[countResponses(request.history)];
    if (response === undefined) {
      throw new ModelError({
        kind: 'permanent',
        message: 'replay: the transcript has no more responses',
      });
    }
    for (const event of inPieces(response)) {
      yield event;
      if (isDelta(event)) await this.#pause(signal);
      signal.throwIfAborted();
    }
  }

  async #pause(signal: AbortSignal): Promise<void> {
    if (this.#pauseMs === 0) return;
    try {
      await pause(this.#pauseMs, undefined, { signal });
    } catch {
      signal.throwIfAborted();
    }
  }
}

/** How many responses of the model a history holds. */
function countResponses(history: readonly HistoryEntry[]): number {
  const ids = new Set<string>();
  for (const entry of history) if ('responseId' in entry) ids.add(entry.responseId);
  return ids.size;
}

function isDelta(event: ModelEvent): boolean {
  return event.type === 'textDelta' || event.type === 'reasoningDelta';
}

/** The recorded events with deltas before each block that was recorded without them, and one `completed` at the end. */
function* inPieces(events: readonly ModelEvent[]): Generator<ModelEvent, void, undefined> {
  const hasDeltas = events.some(isDelta);
  for (const event of events) {
    if (!hasDeltas && event.type === 'text') {
      for (const delta of pieces(event.text)) yield { type: 'textDelta', delta };
    }
    if (!hasDeltas && event.type === 'reasoning') {
      for (const [summaryIndex, text] of event.summary.entries()) {
        for (const delta of pieces(text)) yield { type: 'reasoningDelta', delta, summaryIndex };
      }
    }
    yield event;
  }
  if (events.at(-1)?.type !== 'completed') {
    const calls = events.some((event) => event.type === 'toolCall');
    yield { type: 'completed', finish: calls ? 'toolCalls' : 'stop', usage: null };
  }
}

/** Pieces of whole characters. */
function* pieces(text: string): Generator<string, void, undefined> {
  for (const [piece] of text.matchAll(PIECE)) yield piece;
}
