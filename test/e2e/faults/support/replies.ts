import {
  calls,
  sequence,
  toolCall,
  type Fault,
  type Script,
  type ScriptedReply,
} from '../../../helpers/model-server/index.js';

/** Long enough to be streamed in several pieces. */
export const TEXT =
  'I will look at the file first, and then I will change what has to be changed. '.repeat(3);

/** Proposes completion, with evidence. */
export const DONE: ScriptedReply = calls(
  toolCall('set_goal', {
    status: 'complete',
    evidence: [{ criterion: 'done', proof: 'see a.txt' }],
  }),
);

/** These faults one after another, then the goal is completed. */
export function failsWith(...faults: readonly Fault[]): () => Script {
  return () => sequence(...faults.map((fault) => ({ text: TEXT, fault })), DONE);
}

/** An HTTP error, then the goal is completed. */
export function answers(
  status: number,
  error: object = {},
  headers: Readonly<Record<string, string>> = {},
): () => Script {
  return failsWith({ kind: 'status', status, body: { error }, headers });
}
