import type { GoaldClient } from '@goald/client';
import { type CommandDecision, FILE_DECISIONS, requests, serverRequests } from '@goald/protocol';
import type { App } from '../app.js';
import { originOf } from '../goals/origin.js';
import { oneLine, visible } from '../output/text.js';
import type { Terminal } from '../terminal/terminal.js';
import { changesText } from './changes-text.js';
import {
  choicesOf,
  type Decided,
  decisionQuestion,
  decisionText,
  readDecision,
} from './decision-prompt.js';

const { commandExecutionRequestApproval, fileChangeRequestApproval, toolRequestUserInput } =
  serverRequests;
const BELL = '\u0007';

/** Lends the screen to a question: nothing else is shown until it settles. */
export type Aside = <T>(ask: () => Promise<T>) => Promise<T>;

/** The person at this terminal left without an answer. */
class Left extends Error {
  override readonly name = 'Left';
}

/** Whether somebody sits at this terminal and can be asked in the middle of a goal. */
export function canBeAsked({ canAsk, isScreen, env }: Terminal): boolean {
  return canAsk && isScreen && (env['CI'] ?? '') === '';
}

/** The person at this terminal, who is asked once there is a screen to ask on. */
export interface PersonHere extends Disposable {
  /** `leave` is called when the person ends the input instead of answering: what is asked stays open then. */
  lend(screen: { readonly aside: Aside; readonly leave: () => void }): void;
}

/**
 * Puts what the agents of the threads that `client` is subscribed to ask of people to the person at this terminal, one question after
 * the other. One that is answered elsewhere goes away. To be called before the client subscribes: what is open is asked at once then.
 */
export function askHere(app: App, client: GoaldClient): PersonHere {
  const { terminal } = app;
  const { paint } = terminal;
  let lend: PersonHere['lend'] = () => undefined;
  const lent = new Promise<Parameters<PersonHere['lend']>[0]>((resolve) => {
    lend = resolve;
  });

  /** Asks until `read` understands the answer. */
  const ask = async <T>(
    signal: AbortSignal,
    question: { readonly text: string; readonly prompt: string; readonly hint: string },
    read: (typed: string) => T | null,
  ): Promise<T> => {
    const { aside, leave } = await lent;
    return aside(async () => {
      const isOver = (): boolean => signal.aborted;
      if (isOver()) throw new Left();
      await terminal.write(`${BELL}${question.text}`);
      for (;;) {
        const typed = await terminal.ask(question.prompt, { signal, fresh: true });
        if (isOver()) {
          await terminal.write(`\n  ${paint.dim('No answer is needed any more.')}\n`);
          throw new Left();
        }
        if (typed === null) {
          await terminal.write('\n');
          leave();
          throw new Left();
        }
        const answer = read(typed);
        if (answer !== null) return answer;
        await terminal.write(`  ${question.hint}\n`);
      }
    });
  };

  const decide = async (
    asked: Parameters<typeof decisionText>[0] & { readonly approvalId: string },
    signal: AbortSignal,
  ): Promise<CommandDecision> => {
    const { choices, approvalId } = asked;
    const prompt = decisionQuestion(choices);
    const hint = `Type one of ${choices.map(({ key }) => key).join(', ')}; Ctrl-C leaves it open.`;
    const question = { text: decisionText(asked, paint), prompt, hint };
    const { decision, reason }: Decided = await ask(signal, question, (typed) =>
      readDecision(typed, choices),
    );
    // An answer to the request itself has no place for a reason.
    if (reason !== null) {
      const origin = originOf(app, client);
      await client.request(requests.goalApprovalDecide, { approvalId, decision, reason, origin });
    }
    return decision;
  };

  const answerers = [
    client.onRequest(commandExecutionRequestApproval, async ({ params, requestId, signal }) => ({
      decision: await decide(
        {
          approvalId: requestId,
          title: `May it run this command in ${visible(params.cwd)}?`,
          what: visible(params.command),
          reason: params.reason,
          choices: choicesOf(params.availableDecisions),
        },
        signal,
      ),
    })),
    client.onRequest(fileChangeRequestApproval, async ({ params, requestId, signal }) => {
      const decision = await decide(
        {
          approvalId: requestId,
          title: 'May it change these files?',
          what: await changesText(client, params, paint),
          reason: params.reason,
          choices: choicesOf(FILE_DECISIONS),
        },
        signal,
      );
      return fileChangeRequestApproval.result.parse({ decision });
    }),
    client.onRequest(toolRequestUserInput, async ({ params, signal }) => {
      const answers: Record<string, { answers: string[] }> = {};
      for (const { id, header, question } of params.questions) {
        const text = `${paint.yellow('?')} ${paint.bold(oneLine(header))}: ${visible(question)}\n`;
        const hint = 'Say something; Ctrl-C leaves the question open.';
        const said = await ask(signal, { text, prompt: '  > ', hint }, (typed) =>
          typed.trim() === '' ? null : typed.trim(),
        );
        answers[id] = { answers: [said] };
      }
      return { answers };
    }),
  ];
  return {
    lend,
    [Symbol.dispose]: () => {
      for (const answerer of answerers) answerer[Symbol.dispose]();
    },
  };
}
