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

const PROPOSED = '<proposed_plan>';
const PROPOSED_END = '</proposed_plan>';

/**
 * The model of both servers. What it does hangs on the words that it is asked with, and on how many calls were answered: the same
 * for whichever tools a server offers.
 */
export class StockModel {
  #goOn = new Wish();

  /** Lets those that think go on. */
  goOn(): void {
    const wish = this.#goOn;
    this.#goOn = new Wish();
    wish.grant();
  }

  readonly script: Script = async (request) => {
    const words = newestWords(request);
    if (words.includes('title of at most')) return says('Look at the file');
    if (words.includes('SLOW')) {
      await this.#think(request);
      return says('Too late.');
    }
    if (words.includes('ASK')) {
      const step = answered(sinceWords(request)).length;
      return step === 0 ? asking(request, 'touch ../asked.txt') : says('The command is through.');
    }
    if (/WORK|active thread goal/u.test(words)) return this.#work(request);
    if (saidSince(request).includes('PLAN'))
      return says(`${PROPOSED}\n1. Read a.txt\n2. Change it\n${PROPOSED_END}`);
    return says(`You said: ${words.trim().split('\n').at(-1) ?? ''}`);
  };

  /** Reads, changes, looks again, and then thinks until it is let go on: what stands on a screen hangs on no hurry. */
  async #work(request: ScriptedRequest): Promise<ScriptedReply> {
    const done = answered(request.input).length;
    if (done === 0) return shell(request, 'cat a.txt');
    if (done < 3) await pause(2000, undefined, { signal: request.signal });
    else await this.#think(request);
    return done === 1 ? patch(request) : shell(request, `echo ${String(done)} >> progress.txt`);
  }

  async #think({ signal }: ScriptedRequest): Promise<void> {
    const ended = new Promise((_, reject) => {
      signal.addEventListener('abort', () => {
        reject(new Error('Nobody waits for it any more.'));
      });
    });
    await Promise.race([this.#goOn.granted, ended]);
  }
}

class Wish {
  grant: () => void = () => undefined;
  readonly granted = new Promise<void>((resolve) => {
    this.grant = resolve;
  });
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

/** All that was said since the model spoke last: words of the server may stand behind those of the user. */
function saidSince({ input }: ScriptedRequest): string {
  const at = input.findLastIndex((item) => item.type !== 'message' || item.role === 'assistant');
  return input
    .slice(at + 1)
    .map((item) => (item.type === 'message' ? item.text : ''))
    .join('\n');
}

/** What came since the newest words. */
function sinceWords({ input }: ScriptedRequest): ScriptedRequest['input'] {
  const at = input.findLastIndex((item) => item.type === 'message' && item.role !== 'assistant');
  return input.slice(at + 1);
}

/** Calls of this model that were answered: the reference tells of the user's own commands as if they were calls, too. */
function answered(input: ScriptedRequest['input']): ScriptedRequest['input'] {
  return input.filter((item) => item.type === 'output' && /^call_r\d/u.test(item.callId));
}
