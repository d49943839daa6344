// What the model reads of approvals.

export const PARKED =
  'Not run: a person has to approve it, and nobody is there to be asked. The turn ends here; once it is decided, the next one begins with what was decided, and what was approved has run then. Do not call it again.';

export const STOPPED =
  'Not run: the turn was stopped before it was decided whether this may run. If it is approved later, it runs then, and you are told.';

export const WITHDRAWN =
  'Not run: it was never approved, and it is not asked any more because the goal was changed or stopped meanwhile. Ask anew if it is still needed.';

export const NOT_BEGUN = 'Not run: the goal was stopped after it was approved.';

export const MOVED_AWAY =
  'Not run: it was approved for another folder than the one this thread works in now. Ask anew if it is still needed.';

/** What is told of a call that a person declined. */
export function declinedText(reason: string | null): string {
  const said = reason === null ? '' : ` They said: ${reason}`;
  return `Not run: a person declined it.${said}\nDo not try to get the same done in another way that needs no approval. Go on without it, or report a blocker.`;
}

/** What is told of a command on the deny-list. */
export function deniedText(rule: readonly string[]): string {
  return `Not run: the configuration of this daemon forbids ${JSON.stringify(rule.join(' '))}, whoever asks. Do not try to get the same done in another way. Go on without it, or report a blocker.`;
}

/** What precedes the output of a command that ran again without its sandbox. */
export const RAN_AGAIN = 'The sandbox stopped it; a person let it run again without. That run:';

/** What follows the output of a command that its sandbox stopped. */
export const NOT_AGAIN =
  'A person was asked whether it may run again without the sandbox, and declined. Go on without it.';

/** What is told of a call to an MCP server where nothing may be changed and nobody is asked. */
export function readOnlyText(server: string, tool: string): string {
  return `Not run: this thread is read-only, and the MCP server ${server} does not call ${tool} read-only. The user can allow it: mcpServers.${server}.toolApproval.${tool}: "approve".`;
}
