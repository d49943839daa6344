import type { ParamsInput, RequestMessage, ResultOf } from '@goald/protocol';

/** Someone who can ask the daemon. */
export interface Requester {
  request<M extends RequestMessage>(message: M, params: ParamsInput<M>): Promise<ResultOf<M>>;
}
