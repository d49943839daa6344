import type { InputItem } from './types.js';

/** What the server said in one response, remembered to find it again in later histories. */
export interface SaidResponse {
  readonly text: string;
  readonly callIds: readonly string[];
}

/** What a history shows of the responses that were said before. */
export interface HistoryProgress {
  /** Whole responses in the history. Text that was cut off in mid-stream is none. */
  readonly progress: number;
  readonly lastToolOutputs: readonly string[];
}

/** Finds the responses in a history: by the ids of their calls, or by their text where they made none. */
export function historyProgress(
  input: readonly InputItem[],
  said: readonly SaidResponse[],
): HistoryProgress {
  const byCall = new Map(said.flatMap((response) => response.callIds.map((id) => [id, response])));
  const textsWithoutCalls = new Set(
    said.filter((response) => response.callIds.length === 0).map((response) => response.text),
  );
  const seen = new Set<SaidResponse>();
  let talked = 0;
  let newest: SaidResponse | null = null;
  for (const [at, item] of input.entries()) {
    if (item.type === 'call') {
      const response = byCall.get(item.callId);
      if (response === undefined) continue;
      seen.add(response);
      newest = response;
    } else if (item.type === 'message' && item.role === 'assistant') {
      const next = input[at + 1];
      const caller = next?.type === 'call' ? byCall.get(next.callId) : undefined;
      if (caller?.text === item.text || !textsWithoutCalls.has(item.text)) continue;
      talked += 1;
      newest = null;
    }
  }
  const ids = new Set(newest?.callIds);
  const outputs = input
    .filter((item) => item.type === 'output')
    .filter(({ callId }) => ids.has(callId));
  return { progress: seen.size + talked, lastToolOutputs: outputs.map((item) => item.output) };
}
