import { setTimeout as pause } from 'node:timers/promises';
import {
  calls,
  says,
  toolCall,
  type Script,
  type ScriptedReply,
  type ScriptedRequest,
} from '../helpers/model-server/index.js';

const PATCH = [
  '*** Begin Patch',
  '*** Update File: a.txt',
  '@@',
  '-one',
  '+first',
  '*** Add File: b.txt',
  '+made',
  '*** End Patch',
].join('\n');

/**
 * The model of both servers. What it does hangs on the words that it is asked with, and on how often it was asked since: the same
 * for whichever tools a server offers.
 */
export function stockModel(): Script {
  return async (request) => {
    const words = newestWords(request);
    const step = outputsSince(request);
    if (words.includes('title of at most')) return says('Look at the file');
    if (words.includes('SLOW')) {
      await pause(60_000, undefined, { signal: request.signal });
      return says('Too late.');
    }
    if (words.includes('ASK')) {
      return step === 0 ? asking(request, 'touch asked.txt') : says('The command is through.');
    }
    if (/WORK|active thread goal/u.test(words)) return work(request, step);
    if (words.includes('PLAN'))
      return says(`${PROPOSED}\n1. Read a.txt\n2. Change it\n${PROPOSED_END}`);
    return says(`You said: ${words.trim().split('\n').at(-1) ?? ''}`);
  };
}

const PROPOSED = '<proposed_plan>';
const PROPOSED_END = '</proposed_plan>';

/** Reads, changes, looks again, and goes on until it is stopped. */
async function work(request: ScriptedRequest, step: number): Promise<ScriptedReply> {
  if (step === 0) return shell(request, 'cat a.txt');
  await pause(step < 3 ? 2500 : 1200, undefined, { signal: request.signal });
  if (step === 1) return patch(request);
  await pause(100, undefined, { signal: request.signal });
  return shell(request, `echo ${String(step)} >> progress.txt`);
}

/** A command that a person has to allow: the reference’s model says so itself. */
function asking(request: ScriptedRequest, command: string): ScriptedReply {
  if (!request.toolNames.includes('exec_command')) return shell(request, command);
  const args = { cmd: command, sandbox_permissions: 'require_escalated', justification: 'May I?' };
  return calls(toolCall('exec_command', args));
}

function shell(request: ScriptedRequest, command: string): ScriptedReply {
  return request.toolNames.includes('exec_command')
    ? calls(toolCall('exec_command', { cmd: command }))
    : calls(toolCall('shell', { command }));
}

function patch(request: ScriptedRequest): ScriptedReply {
  return request.toolNames.includes('apply_patch')
    ? calls(toolCall('apply_patch', { patch: PATCH }))
    : shell(request, `apply_patch <<'EOF'\n${PATCH}\nEOF`);
}

/** The newest thing a user said, or the goal where that is newer. */
function newestWords({ input, steering }: ScriptedRequest): string {
  if (steering !== null) return steering;
  const messages = input.filter((item) => item.type === 'message' && item.role !== 'assistant');
  const last = messages.at(-1);
  return last?.type === 'message' ? last.text : '';
}

/** How many calls were answered since the newest words. */
function outputsSince({ input, steering }: ScriptedRequest): number {
  if (steering !== null) return input.filter((item) => item.type === 'output').length;
  const at = input.findLastIndex((item) => item.type === 'message' && item.role !== 'assistant');
  return input.slice(at + 1).filter((item) => item.type === 'output').length;
}
