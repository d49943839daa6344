import type { Config, Goal } from '@goald/protocol';
import { preflight, type WantedRequest } from '../goals/budget.js';
import { budgetOf, noticesOf, toGoal } from '../goals/goal-record.js';
import type { GoalWriter } from '../goals/goal-writer.js';
import type { Price } from '../goals/price.js';
import { priceAdvice, tooLittle } from '../goals/refusals.js';
import type { ActiveTurn } from './active-turn.js';
import { reachBudget } from './goal-moves.js';
import { estimateInput } from './input-estimate.js';
import { requestTerms } from './request-terms.js';
import { modeWords } from './planning/mode-words.js';
import type { ContextBuilder } from './ports/context.js';
import type { AgentModel, ModelRequest } from './ports/model.js';
import type { Workspace } from './ports/workspace.js';
import type { ThreadHistories } from './thread-histories.js';
import type { TurnRights } from './turn-rights.js';
import type { TurnStore } from './turn-store.js';

export interface RequestBuilderOptions {
  readonly store: TurnStore;
  readonly goals: GoalWriter;
  readonly histories: ThreadHistories;
  readonly model: () => AgentModel;
  readonly context: ContextBuilder;
  readonly workspace: Workspace;
  readonly trusts: (cwd: string) => boolean;
  readonly rights: TurnRights;
  readonly config: () => Config;
}

/** A request ready to leave, and what it was built from. */
export interface PreparedRequest {
  /** Revision of the goal it was built from. */
  readonly revision: number | null;
  /** The stored notices it carries. */
  readonly notices: readonly string[];
  /** The notices of this turn it carries. */
  readonly turnNotices: readonly string[];
  /** It is the first to carry what a user said. */
  readonly unseen: boolean;
  readonly request: ModelRequest;
  readonly estimatedInput: number;
  readonly countedInput: number;
  /** Price it will be charged by; null: not known. */
  readonly price: Price | null;
}

/** Builds the input of the next model request and checks that the goal's budget has room for it. */
export class RequestBuilder {
  readonly #options: RequestBuilderOptions;

  constructor(options: RequestBuilderOptions) {
    this.#options = options;
  }

  /**
   * 'budget' when the budget has no room: the goal is stopped by that. 'overfull' when the input is about to outgrow the model's
   * window, unless `mayOverfill`.
   */
  async build(
    turn: ActiveTurn,
    { mayOverfill }: { mayOverfill: boolean },
  ): Promise<PreparedRequest | 'budget' | 'overfull'> {
    const { store, workspace, context, model, histories } = this.#options;
    const thread = store.repositories.threads.find(turn.threadId);
    const specs = turn.tools.specs({ goalTools: this.#goalTools() });
    const instructionFiles = await workspace.instructionFiles(turn.cwd);
    // From here to the history nothing is awaited: what a user says later is for the next request.
    const unseen = turn.hasUnseenInput;
    turn.hasUnseenInput = false;
    // A turn that plans works on no goal, and the notices are for whoever does.
    const goal = turn.plans ? null : this.#goal(turn);
    const notices = turn.plans ? [] : this.#storedNotices(turn);
    const turnNotices = [...turn.notices];
    const built = await context.build({
      cwd: turn.cwd,
      instructionFiles,
      trusted: this.#options.trusts(turn.cwd),
      rights: this.#options.rights.of(turn),
      developerInstructions: thread?.developer_instructions ?? null,
      tools: specs,
      history: histories.entries(turn.threadId),
      goal,
      notices: [...notices, ...turnNotices],
      modeInstructions: modeWords(thread, turn),
      task: turn.plans ? 'plan' : 'work',
    });
    const { estimatedInput, cachedInput } = estimateInput(
      store.repositories,
      turn.threadId,
      built.inputTokens,
    );
    const share = this.#options.config().engine.compactAtShare;
    if (!mayOverfill && estimatedInput > model().contextWindow * share) {
      turn.hasUnseenInput ||= unseen;
      return 'overfull';
    }
    const { defaultModel, maxOutputTokens: modelMaxOutput } = model();
    const terms = requestTerms(store.repositories, turn.threadId, {
      config: this.#options.config(),
      defaultModel,
    });
    const wanted = { ...terms, estimatedInput, cachedInput, modelMaxOutput };
    const maxOutputTokens = this.#room(turn, wanted);
    if (maxOutputTokens === null) {
      turn.hasUnseenInput ||= unseen;
      return 'budget';
    }
    return {
      revision: goal?.revision ?? null,
      notices,
      turnNotices,
      unseen,
      estimatedInput,
      countedInput: built.inputTokens,
      price: terms.price,
      request: {
        model: terms.model,
        instructions: built.instructions,
        tools: specs,
        history: built.history,
        steering: built.steering,
        maxOutputTokens,
        serviceTier: terms.serviceTier,
        cacheKey: turn.threadId,
      },
    };
  }

  /** How long the answer may be; null when the goal has no room for a request, and is stopped by that. */
  #room(turn: ActiveTurn, wanted: WantedRequest & { readonly model: string }): number | null {
    const { store, goals } = this.#options;
    if (turn.goalId === null) return wanted.modelMaxOutput;
    return store.write(turn, (tx) => {
      const row = store.repositories.goals.find(turn.goalId ?? '');
      if (row === undefined) return null;
      const budget = budgetOf(row);
      const verdict = preflight(budget, wanted);
      if (verdict.ok) return verdict.maxOutputTokens;
      const { reason, unpriced } = verdict;
      const message = unpriced
        ? `${priceAdvice(wanted.model)}, then resume.`
        : tooLittle(budget, wanted, reason);
      reachBudget(goals, tx, row, { reason, turnId: turn.turnId, message });
      return null;
    });
  }

  #goal(turn: ActiveTurn): Goal | null {
    const row = this.#options.store.repositories.goals.current(turn.threadId);
    return row === undefined || !this.#options.config().features.goals ? null : toGoal(row);
  }

  #storedNotices(turn: ActiveTurn): string[] {
    const row = this.#options.store.repositories.goals.current(turn.threadId);
    return row === undefined || !this.#options.config().features.goals ? [] : noticesOf(row);
  }

  #goalTools(): boolean {
    const { goals, goalTools } = this.#options.config().features;
    return goals && goalTools;
  }
}
