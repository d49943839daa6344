import type { PermissionOption, ToolCallUpdate } from '@agentclientprotocol/sdk';
import type { GoaldClient } from '@goald/client';
import {
  type ClientCapabilities,
  type CommandDecision,
  type ParamsOf,
  type ResultOf,
  serverRequests,
} from '@goald/protocol';
import type { Editor } from './editor.js';
import type { Session } from './session.js';

const { commandExecutionRequestApproval, fileChangeRequestApproval, toolRequestUserInput } =
  serverRequests;

type Questions = ParamsOf<typeof toolRequestUserInput>;
type Answers = ResultOf<typeof toolRequestUserInput>;

/** The user was not asked, or did not decide: the daemon asks others, or lets the goal wait. */
class Undecided extends Error {
  override readonly name = 'Undecided';
}

export interface PeopleOptions {
  readonly editor: Editor;
  /** The session that shows a thread. */
  readonly find: (threadId: string) => Session | undefined;
}

/** What of the daemon's requests this editor's user can be asked. Without forms a question ends the turn, and waits for /goal-answer. */
export function capabilitiesOf(editor: Editor): ClientCapabilities {
  return {
    requiredHumanApproval: true,
    optOutNotificationMethods: editor.hasForms ? [] : [toolRequestUserInput.method],
  };
}

/** Puts what the daemon asks of people to the user of the editor. */
export function askPeople(client: GoaldClient, { editor, find }: PeopleOptions): void {
  const shown = async (threadId: string): Promise<Session> => {
    const session = find(threadId);
    if (session === undefined) throw new Undecided('This editor does not show that thread.');
    // The call that it is about is shown first.
    await session.caughtUp();
    return session;
  };
  const decide = async (
    threadId: string,
    toolCall: ToolCallUpdate,
    decisions: readonly CommandDecision[],
    signal: AbortSignal,
  ): Promise<CommandDecision> => {
    const offered = decisions.flatMap(optionOf);
    const options = offered.map(({ option }) => option);
    const request = { sessionId: threadId, toolCall, options };
    const { outcome } = await editor.requestPermission(request, signal);
    const chosen =
      outcome.outcome === 'selected'
        ? offered.find(({ option }) => option.optionId === outcome.optionId)
        : undefined;
    if (chosen === undefined) throw new Undecided('The user of the editor did not decide.');
    return chosen.decision;
  };

  client.onRequest(commandExecutionRequestApproval, async ({ params, signal }) => {
    const { threadId, itemId, command, cwd, reason, availableDecisions } = params;
    const session = await shown(threadId);
    const call: ToolCallUpdate = {
      ...session.callOf(itemId),
      kind: 'execute',
      status: 'pending',
      rawInput: { command, cwd },
      ...(reason === null ? {} : { content: [textContent(reason)] }),
    };
    return { decision: await decide(threadId, call, availableDecisions, signal) };
  });

  client.onRequest(fileChangeRequestApproval, async ({ params, signal }) => {
    const { threadId, itemId } = params;
    const session = await shown(threadId);
    const call: ToolCallUpdate = { kind: 'edit', ...session.callOf(itemId), status: 'pending' };
    const decision = await decide(
      threadId,
      call,
      ['accept', 'acceptForSession', 'decline'],
      signal,
    );
    return fileChangeRequestApproval.result.parse({ decision });
  });

  if (!editor.hasForms) return;
  client.onRequest(toolRequestUserInput, async ({ params, signal }) => {
    const session = await shown(params.threadId);
    const answers = await askInForm(editor, params, signal);
    for (const { answers: words } of Object.values(answers.answers)) {
      for (const word of words) session.typedHere(word);
    }
    return answers;
  });
}

async function askInForm(
  editor: Editor,
  { threadId, questions }: Questions,
  signal: AbortSignal,
): Promise<Answers> {
  const asked = questions.map(
    ({ id, header, question }) =>
      [
        id,
        { type: 'string' as const, title: header, description: question, minLength: 1 },
      ] as const,
  );
  const response = await editor.askInForm(
    {
      mode: 'form',
      sessionId: threadId,
      message: questions.map(({ question }) => question).join('\n'),
      requestedSchema: {
        type: 'object',
        properties: Object.fromEntries(asked),
        required: asked.map(([id]) => id),
      },
    },
    signal,
  );
  const content = contentOf(response);
  const answers: Answers['answers'] = {};
  for (const { id } of questions) {
    const words = content[id];
    if (typeof words === 'string') answers[id] = { answers: [words] };
  }
  if (Object.keys(answers).length === 0)
    throw new Undecided('The user of the editor did not answer.');
  return { answers };
}

function contentOf(
  response: Awaited<ReturnType<Editor['askInForm']>>,
): Readonly<Record<string, unknown>> {
  if (response.action !== 'accept' || !('content' in response)) return {};
  const { content } = response;
  return typeof content === 'object' && content !== null ? { ...content } : {};
}

/** A decision as the editor offers it. Cancelling is what the editor's own stop does. */
function optionOf(
  decision: CommandDecision,
): readonly { option: PermissionOption; decision: CommandDecision }[] {
  if (typeof decision === 'object') {
    const words = decision.acceptWithExecpolicyAmendment.execpolicy_amendment.join(' ');
    const name = `Always allow commands that begin with "${words}"`;
    return [{ option: { optionId: 'amend', name, kind: 'allow_always' }, decision }];
  }
  switch (decision) {
    case 'accept':
      return [{ option: { optionId: decision, name: 'Allow', kind: 'allow_once' }, decision }];
    case 'acceptForSession': {
      const name = 'Allow for this session';
      return [{ option: { optionId: decision, name, kind: 'allow_always' }, decision }];
    }
    case 'decline':
      return [{ option: { optionId: decision, name: 'Reject', kind: 'reject_once' }, decision }];
    case 'cancel':
      return [];
  }
}

function textContent(text: string): NonNullable<ToolCallUpdate['content']>[number] {
  return { type: 'content', content: { type: 'text', text } };
}
