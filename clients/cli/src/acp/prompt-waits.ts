import type { PromptResponse, StopReason } from '@agentclientprotocol/sdk';
import type { Goal, TurnError, TurnStatus } from '@goald/protocol';
import { ACP_ERROR, AcpError } from './acp-error.js';

/** How a turn ended. */
export interface EndedTurn {
  readonly status: Exclude<TurnStatus, 'inProgress'>;
  readonly error: Pick<TurnError, 'message' | 'codexErrorInfo'> | null;
  /** Whether it worked on the goal. */
  readonly forGoal: boolean;
}

/** How a session stands. */
export interface Standing {
  readonly goal: Goal | null;
  readonly goalActive: boolean;
  readonly openTurn: string | null;
  readonly ended: (turnId: string) => EndedTurn | undefined;
}

/** A prompt of the editor that is not answered yet. */
export interface PromptWait {
  /** The turn its words went to; null for one that only follows the goal. */
  turnId: string | null;
  /** What it asked for was taken by the daemon: from now on its end can be seen. */
  sent: boolean;
  cancelled: boolean;
  /** The goal was at work while it was open. */
  drove: boolean;
  readonly answer: Promise<PromptResponse>;
  /** Nothing follows from it: it is answered now. */
  answered(): void;
}

interface Held extends PromptWait {
  readonly resolve: (response: PromptResponse) => void;
  readonly reject: (error: AcpError) => void;
}

/** The open prompts of a session. Each is answered when its turn is over and no goal is at work any more. */
export class PromptWaits {
  readonly #open = new Set<Held>();

  get any(): boolean {
    return this.#open.size > 0;
  }

  /** The turn that the last words went to. */
  get newestTurn(): string | null {
    return [...this.#open].at(-1)?.turnId ?? null;
  }

  open(): PromptWait {
    let resolve: Held['resolve'] = () => undefined;
    let reject: Held['reject'] = () => undefined;
    const answer = new Promise<PromptResponse>((yes, no) => {
      resolve = yes;
      reject = no;
    });
    answer.catch(() => undefined);
    const wait: Held = {
      ...{ turnId: null, sent: false, cancelled: false, drove: false },
      ...{ answer, resolve, reject },
      answered: () => {
        resolve({ stopReason: wait.cancelled ? 'cancelled' : 'end_turn' });
      },
    };
    this.#open.add(wait);
    return wait;
  }

  close(wait: PromptWait): void {
    for (const held of this.#open) if (held === wait) this.#open.delete(held);
  }

  /** Answers what is over. Answers those turns that were cut short without the user's doing. */
  settle(standing: Standing): readonly string[] {
    const cut: string[] = [];
    for (const wait of this.#open) {
      wait.drove ||= standing.goalActive;
      if (!isOver(wait, standing)) continue;
      this.#open.delete(wait);
      const turn = wait.turnId === null ? undefined : standing.ended(wait.turnId);
      if (turn?.status === 'interrupted' && !wait.cancelled && wait.turnId !== null) {
        cut.push(wait.turnId);
      }
      const failure = wait.cancelled ? null : failureOf(turn);
      if (failure === null) wait.resolve({ stopReason: stopReasonOf(wait, standing.goal) });
      else wait.reject(failure);
    }
    return cut;
  }

  cancelAll(): void {
    for (const wait of this.#open) wait.cancelled = true;
  }

  /** Answers all as they were cancelled, whatever the daemon does. */
  endCancelled(): void {
    for (const wait of this.#open) wait.resolve({ stopReason: 'cancelled' });
    this.#open.clear();
  }

  fail(error: AcpError): void {
    for (const wait of this.#open) wait.reject(error);
    this.#open.clear();
  }
}

function isOver(wait: PromptWait, { goalActive, openTurn, ended }: Standing): boolean {
  if (!wait.sent || goalActive || openTurn !== null) return false;
  return wait.turnId === null || ended(wait.turnId) !== undefined;
}

/** A turn of the user's own that failed. How a turn of a goal failed is the goal's affair. */
function failureOf(turn: EndedTurn | undefined): AcpError | null {
  if (turn?.status !== 'failed' || turn.forGoal) return null;
  const { message, codexErrorInfo } = turn.error ?? { message: 'The turn failed.' };
  return new AcpError(ACP_ERROR.internal, message, { code: 'turn_failed', codexErrorInfo });
}

function stopReasonOf(wait: PromptWait, goal: Goal | null): StopReason {
  if (wait.cancelled) return 'cancelled';
  const code = wait.drove ? goal?.statusReason?.code : undefined;
  if (code === 'tokenBudget') return 'max_tokens';
  return code === 'turnLimit' ? 'max_turn_requests' : 'end_turn';
}
