import { calls, toolCall, type ScriptedReply } from '../../../helpers/model-server/index.js';

/** Proposes completion, with evidence. */
export const CLAIM: ScriptedReply = calls(
  toolCall('set_goal', {
    status: 'complete',
    evidence: [{ criterion: 'done', proof: 'see a.txt' }],
  }),
);

/** Runs one shell command. */
export function runs(command: string): ScriptedReply {
  return calls(toolCall('shell', { command }));
}

/** Opened once; whoever waits goes on. */
export class Latch {
  readonly opened: Promise<void>;
  #open: () => void = () => undefined;

  constructor() {
    this.opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  open(): void {
    this.#open();
  }

  /** A reply that comes when the latch is opened. */
  async thenReply(reply: ScriptedReply): Promise<ScriptedReply> {
    await this.opened;
    return reply;
  }
}

/** What a user says. */
export function input(text: string): { type: 'text'; text: string }[] {
  return [{ type: 'text', text }];
}
