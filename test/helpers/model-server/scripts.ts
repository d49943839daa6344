import type { Script, ScriptedCall, ScriptedReply, ScriptedRequest } from './types.js';

/** The script was asked for more than it holds. The server answers 400, which no client tries again. */
class ScriptOverError extends Error {
  override readonly name = 'ScriptOverError';
}

type Step = ScriptedReply | Script;

/** The n-th request gets the n-th reply, whoever makes it. */
export function sequence(...steps: readonly Step[]): Script {
  let next = 0;
  return (request) => replyOf(steps, next++, request);
}

/**
 * A request whose history holds n responses gets the n-th reply (from 0): a request made again, after a retry or by a daemon
 * that was killed, gets the same reply. Good for one thread.
 */
export function byProgress(...steps: readonly Step[]): Script {
  return (request) => replyOf(steps, request.progress, request);
}

/** A call for `ScriptedReply.toolCalls`. */
export function toolCall(name: string, args: object | string): ScriptedCall {
  return { name, arguments: args };
}

/** A reply that is only these calls. */
export function calls(...toolCalls: readonly ScriptedCall[]): ScriptedReply {
  return { toolCalls };
}

/** A reply that is only text. */
export function says(text: string): ScriptedReply {
  return { text };
}

function replyOf(
  steps: readonly Step[],
  at: number,
  request: ScriptedRequest,
): ScriptedReply | Promise<ScriptedReply> {
  const step = steps[at];
  if (step === undefined) {
    throw new ScriptOverError(
      `the script has ${String(steps.length)} replies, reply ${String(at + 1)} was asked for`,
    );
  }
  return typeof step === 'function' ? step(request) : step;
}
