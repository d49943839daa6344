import { ProtocolError, serverRequests, type CommandDecision } from '@goald/protocol';
import type { Clock } from '../engine/ports/clock.js';
import { requestText } from '../events/broadcaster.js';
import type { ApprovalService } from '../goals/approvals.js';
import type { BlockerService } from '../goals/blockers.js';
import type { MutationContext } from '../store/mutation.js';
import type { Outgoing } from '../store/outgoing.js';
import type { Repositories } from '../store/repositories/index.js';
import type { IncomingResponse } from './read-message.js';
import type { AnswerTaker } from './router.js';
import type { Session } from './session.js';

export interface AnswersOptions {
  readonly approvals: ApprovalService;
  readonly blockers: BlockerService;
  readonly repositories: Pick<Repositories, 'approvals' | 'blockers'>;
  /** What people are asked in a thread right now. */
  readonly openRequests: (threadId: string) => readonly Outgoing[];
  readonly clock: Clock;
  /** An error that is nobody's but ours. Must not throw. */
  readonly onProblem: (error: unknown) => void;
}

/** What one answer is about. */
interface Asked {
  readonly threadId: string;
  readonly method: string;
  /** Throws ProtocolError where it comes too late. False when the answer says nothing. */
  take(result: unknown, context: MutationContext): boolean;
}

const ASK_AGAIN_MS = 1000;

const { commandExecutionRequestApproval, fileChangeRequestApproval, toolRequestUserInput } =
  serverRequests;

/**
 * Takes what clients answer to requests of the daemon. The first real answer counts: an error, or what cannot be read, is none, and says
 * that this client cannot ask.
 */
export function createAnswers(options: AnswersOptions): AnswerTaker {
  const { onProblem } = options;
  return (session, response) => {
    try {
      return takeAnswer(options, session, response);
    } catch (error) {
      // Someone else was quicker, or the goal has gone on: the answer counts for nothing.
      if (error instanceof ProtocolError) {
        if (error.code === 'invalid_transition') session.cannotAsk(String(response.id));
        return true;
      }
      onProblem(error);
      askAgain(options, session, response.id);
      return true;
    }
  };
}

/** The answer could not be stored, on a full disk say: whoever gave it believes that it counts, and is asked once more. */
function askAgain(
  { openRequests, clock }: AnswersOptions,
  session: Session,
  id: IncomingResponse['id'],
): void {
  clock.schedule(clock.now() + ASK_AGAIN_MS, () => {
    for (const { method, params, requestId } of [...session.threads].flatMap(openRequests)) {
      if (requestId !== id || !session.asks(method)) continue;
      session.outlet.notify(requestText(method, requestId, params), method);
    }
  });
}

function takeAnswer(
  options: AnswersOptions,
  session: Session,
  { id, result, failed }: IncomingResponse,
): boolean {
  if (typeof id !== 'string') return false;
  const asked = approvalOf(options, id) ?? questionOf(options, id);
  if (asked === undefined) return false;
  if (!session.threads.has(asked.threadId) || !session.asks(asked.method)) return false;
  const context: MutationContext = {
    actor: {
      kind: 'user',
      clientName: session.clientInfo?.name ?? null,
      connectionId: session.id,
    },
    method: asked.method,
    idempotencyKey: null,
  };
  if (failed || !asked.take(result, context)) session.cannotAsk(id);
  return true;
}

function approvalOf({ approvals, repositories }: AnswersOptions, id: string): Asked | undefined {
  const row = repositories.approvals.find(id);
  if (row === undefined) return undefined;
  const message =
    row.kind === 'command' ? commandExecutionRequestApproval : fileChangeRequestApproval;
  return {
    threadId: row.thread_id,
    method: message.method,
    take: (result, context) => {
      const read = message.result.safeParse(result);
      if (!read.success) return false;
      const decision: CommandDecision = read.data.decision;
      approvals.decide({ approvalId: id, decision }, context);
      return true;
    },
  };
}

function questionOf({ blockers, repositories }: AnswersOptions, id: string): Asked | undefined {
  const row = repositories.blockers.find(id);
  if (row === undefined) return undefined;
  return {
    threadId: row.thread_id,
    method: toolRequestUserInput.method,
    take: (result, context) => {
      const read = toolRequestUserInput.result.safeParse(result);
      const words = read.success ? Object.values(read.data.answers) : [];
      const answer = words
        .flatMap(({ answers }) => answers)
        .join('\n')
        .trim();
      if (answer === '') return false;
      blockers.resolve({ threadId: row.thread_id, blockerId: id, answer }, context);
      return true;
    },
  };
}
