import { ProtocolError, type Config } from '@goald/protocol';
import type { Repositories } from '../store/repositories/index.js';
import { approvalPolicyOf } from './approvals/approval-policy.js';
import type { ConfinedTurn, Confinements } from './confinement/confinements.js';
import type { Confinement } from './ports/confinement.js';
import type { Rights } from './ports/context.js';

export interface TurnRightsOptions {
  readonly repositories: Repositories;
  readonly confinements: Confinements;
  readonly config: () => Config;
}

/** What a turn may do as things stand, to be told to the model. */
export class TurnRights {
  readonly #options: TurnRightsOptions;

  constructor(options: TurnRightsOptions) {
    this.#options = options;
  }

  of(turn: ConfinedTurn): Rights {
    const { repositories, config } = this.#options;
    const approvals = approvalPolicyOf(repositories, config(), turn);
    return { confinement: this.#confinement(turn), approvals };
  }

  #confinement(turn: ConfinedTurn): Confinement | null {
    try {
      return this.#options.confinements.ofTurn(turn);
    } catch (error) {
      if (error instanceof ProtocolError) return null;
      throw error;
    }
  }
}
