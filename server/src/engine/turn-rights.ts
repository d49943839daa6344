import { ProtocolError, type Config } from '@goald/protocol';
import type { Repositories } from '../store/repositories/index.js';
import { approvalPolicyOf } from './approvals/approval-policy.js';
import type { Confinements } from './confinement/confinements.js';
import type { Confinement } from './ports/confinement.js';
import type { Rights } from './ports/context.js';

export interface TurnRightsOptions {
  readonly repositories: Repositories;
  readonly confinements: Confinements;
  readonly config: () => Config;
}

/** A turn as its rights need it. */
interface RightsTurn {
  readonly threadId: string;
  readonly goalId: string | null;
}

/**
 * What the turns of a thread may do as things stand, to be told to the model. That a turn plans and so may do less is for the tail of
 * its requests: what stands before the history stays the same when the mode changes to and fro.
 */
export class TurnRights {
  readonly #options: TurnRightsOptions;

  constructor(options: TurnRightsOptions) {
    this.#options = options;
  }

  of(turn: RightsTurn): Rights {
    const { repositories, config } = this.#options;
    const approvals = approvalPolicyOf(repositories, config(), turn);
    return { confinement: this.#confinement(turn), approvals };
  }

  #confinement({ threadId, goalId }: RightsTurn): Confinement | null {
    try {
      return this.#options.confinements.of(threadId, goalId);
    } catch (error) {
      if (error instanceof ProtocolError) return null;
      throw error;
    }
  }
}
