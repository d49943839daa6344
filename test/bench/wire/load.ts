import type { ParamsInput, RequestMessage } from '@goald/protocol';
import { median, percentile } from '../support/stats.js';
import type { Peer } from './peer.js';

const WARM_UP_SHARE = 0.25;

export interface LoadOptions<M extends RequestMessage> {
  readonly message: M;
  /** The params of the n-th request. */
  readonly params: (n: number) => ParamsInput<M>;
  readonly inFlight: number;
  /** How long to measure; a quarter of it is spent on warming up first. */
  readonly ms: number;
}

export interface LoadResult {
  /** Milliseconds from sending a request to its response. */
  readonly p50: number;
  readonly p90: number;
  readonly perSecond: number;
}

/** Keeps so many requests in flight on one connection for some time. Rejects when one fails. */
export function load<M extends RequestMessage>(
  peer: Peer,
  options: LoadOptions<M>,
): Promise<LoadResult> {
  const { message, params, inFlight, ms } = options;
  const latencies: number[] = [];
  const begin = performance.now() + ms * WARM_UP_SHARE;
  const end = begin + ms;
  let sent = 0;
  let open = 0;
  return new Promise((resolve, reject) => {
    const next = (): void => {
      const at = performance.now();
      sent += 1;
      open += 1;
      peer.call(message, params(sent), (text, failed) => {
        const now = performance.now();
        open -= 1;
        if (failed) {
          reject(new Error(`${message.method}: ${text.toString()}`));
          return;
        }
        if (now >= begin && now < end) latencies.push(now - at);
        if (now < end) next();
        else if (open === 0) resolve(result(latencies, ms));
      });
    };
    for (let n = 0; n < inFlight; n += 1) next();
  });
}

function result(latencies: readonly number[], ms: number): LoadResult {
  if (latencies.length === 0) throw new Error('No request was answered in time.');
  return {
    p50: median(latencies),
    p90: percentile(latencies, 0.9),
    perSecond: (latencies.length / ms) * 1000,
  };
}
