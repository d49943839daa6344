import type { Config } from '@goald/protocol';
import { v7 as uuid } from 'uuid';
import { estimatedCharge, measuredCharge, noCharge, type Charge } from '../goals/accounting.js';
import { preflight, type WantedRequest } from '../goals/budget.js';
import { budgetOf } from '../goals/goal-record.js';
import type { Price } from '../goals/price.js';
import type { ActiveTurn } from './active-turn.js';
import { modeWords } from './planning/mode-words.js';
import { shortenOutputs } from './compaction-cut.js';
import { estimateInput } from './input-estimate.js';
import type { LedgerWriter } from './ledger-writer.js';
import type { BuiltContext, ContextBuilder } from './ports/context.js';
import type { Failpoints } from './ports/failpoints.js';
import {
  ModelError,
  type AgentModel,
  type HistoryEntry,
  type ModelRequest,
} from './ports/model.js';
import { requestTerms } from './request-terms.js';
import type { Workspace } from './ports/workspace.js';
import type { TurnRights } from './turn-rights.js';
import type { TurnStore } from './turn-store.js';

export interface SummaryRequestOptions {
  readonly store: TurnStore;
  readonly ledger: LedgerWriter;
  readonly context: ContextBuilder;
  readonly workspace: Workspace;
  readonly trusts: (cwd: string) => boolean;
  readonly rights: TurnRights;
  readonly model: () => AgentModel;
  readonly config: () => Config;
  readonly failpoint: Failpoints;
}

export interface Summary {
  /** null when none came: no room in the budget or the window, an error, or no words. */
  readonly text: string | null;
  /** The charge for it reached a budget; the goal is stopped by that. */
  readonly budgetReached: boolean;
}

interface Prepared {
  readonly request: ModelRequest;
  readonly estimatedInput: number;
  readonly countedInput: number;
  readonly price: Price | null;
}

/** What came back before the stream ended, well or not. */
interface Heard {
  text: string;
  charge: Charge | null;
  servedTier: string | null;
  failure: ModelError | null;
}

const NONE: Summary = { text: null, budgetReached: false };
const SUMMARY_TOKENS = 8000;
/** Share of the window that the history to sum up may fill. */
const INPUT_SHARE = 0.85;

/** Asks the model to sum up a history: one request, charged like every other, tried once. */
export class SummaryRequest {
  readonly #options: SummaryRequestOptions;

  constructor(options: SummaryRequestOptions) {
    this.#options = options;
  }

  /** Throws the turn's stop reason. */
  async ask(turn: ActiveTurn, history: readonly HistoryEntry[]): Promise<Summary> {
    const prepared = await this.#prepare(turn, history);
    turn.signal.throwIfAborted();
    if (prepared === null) return NONE;
    const requestId = await this.#intend(turn, prepared);
    this.#options.failpoint('compaction.afterIntent');
    const heard = await this.#hear(turn, prepared.request);
    this.#options.failpoint('compaction.beforeCharge');
    const { budgetReached } = await this.#settle(turn, requestId, prepared, heard);
    turn.signal.throwIfAborted();
    const text = heard.failure === null ? heard.text.trim() : '';
    return { text: text === '' ? null : text, budgetReached };
  }

  async #prepare(turn: ActiveTurn, history: readonly HistoryEntry[]): Promise<Prepared | null> {
    const { store, workspace, context, model, config } = this.#options;
    const { goals, goalTools } = config().features;
    const thread = store.repositories.threads.find(turn.threadId);
    const specs = turn.tools.specs({ goalTools: goals && goalTools });
    const instructionFiles = await workspace.instructionFiles(turn.cwd);
    const trusted = this.#options.trusts(turn.cwd);
    const rights = this.#options.rights.of(turn);
    const build = (entries: readonly HistoryEntry[]): Promise<BuiltContext> =>
      context.build({
        cwd: turn.cwd,
        instructionFiles,
        trusted,
        rights,
        developerInstructions: thread?.developer_instructions ?? null,
        tools: specs,
        history: entries,
        goal: null,
        notices: [],
        // What stands in front of the history is the same as for the turn's other requests.
        modeInstructions: turn.plans ? null : modeWords(thread, turn),
        task: 'summary',
      });
    let built = await build(history);
    const { factor } = estimateInput(store.repositories, turn.threadId, built.inputTokens);
    const most = Math.floor((model().contextWindow * INPUT_SHARE) / factor);
    if (built.inputTokens > most) {
      const around = built.inputTokens - context.countEntries(history);
      built = await build(
        shortenOutputs(history, most - around, (some) => context.countEntries(some)),
      );
    }
    if (built.inputTokens > most) return null;
    const expected = estimateInput(store.repositories, turn.threadId, built.inputTokens);
    const terms = requestTerms(store.repositories, turn.threadId, {
      config: config(),
      defaultModel: model().defaultModel,
    });
    const maxOutputTokens = this.#room(turn, { ...terms, ...expected });
    if (maxOutputTokens === null) return null;
    return {
      estimatedInput: expected.estimatedInput,
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

  /** How long the summary may be, or null when the budget has no room for one; the goal is not stopped by that. */
  #room(turn: ActiveTurn, expected: Omit<WantedRequest, 'modelMaxOutput'>): number | null {
    const { store, model } = this.#options;
    const modelMaxOutput = Math.min(model().maxOutputTokens, SUMMARY_TOKENS);
    const row = turn.goalId === null ? undefined : store.repositories.goals.find(turn.goalId);
    if (row === undefined) return modelMaxOutput;
    const verdict = preflight(budgetOf(row), { ...expected, modelMaxOutput });
    return verdict.ok ? verdict.maxOutputTokens : null;
  }

  async #intend(turn: ActiveTurn, { request, price, ...input }: Prepared): Promise<string> {
    const { store, ledger, model } = this.#options;
    const requestId = uuid();
    await store.writeWhenPossible(turn, (tx) => {
      ledger.intent(tx, {
        requestId,
        turnId: turn.turnId,
        threadId: turn.threadId,
        goalId: turn.goalId,
        provider: model().provider,
        model: request.model,
        ...input,
        price,
        tier: request.serviceTier,
        purpose: 'compaction',
      });
      tx.onCommit(() => {
        turn.requestInFlight = requestId;
      });
    });
    return requestId;
  }

  async #hear(turn: ActiveTurn, request: ModelRequest): Promise<Heard> {
    const heard: Heard = { text: '', charge: null, servedTier: null, failure: null };
    let streamed = '';
    try {
      for await (const event of this.#options.model().stream(request, turn.signal)) {
        if (event.type === 'textDelta') streamed += event.delta;
        if (event.type === 'text') heard.text += event.text;
        if (event.type !== 'completed') continue;
        heard.servedTier = event.serviceTier ?? null;
        if (event.usage !== null) heard.charge = measuredCharge(event.usage);
      }
    } catch (error) {
      if (!turn.signal.aborted && !(error instanceof ModelError)) throw error;
      heard.failure = error instanceof ModelError ? error : null;
    } finally {
      turn.requestInFlight = null;
    }
    if (heard.text === '') heard.text = streamed;
    return heard;
  }

  async #settle(
    turn: ActiveTurn,
    requestId: string,
    { estimatedInput }: Prepared,
    { text, charge, servedTier, failure }: Heard,
  ): Promise<{ budgetReached: boolean }> {
    const { store, ledger, context, model } = this.#options;
    const { aborted } = turn.signal;
    const free = !aborted && failure !== null && !failure.mayHaveCost && text === '';
    const estimated = (): Charge => estimatedCharge(estimatedInput, context.countTokens(text));
    return store.land(turn, (tx) =>
      ledger.settle(tx, requestId, {
        charge: free ? noCharge() : (charge ?? estimated()),
        outcome: aborted ? 'aborted' : failure === null ? 'completed' : free ? 'rejected' : 'cut',
        toolCalls: [],
        workMs: turn.takeWorkIn(tx),
        mayMove: store.holds(turn),
        contextWindow: model().contextWindow,
        servedTier,
      }),
    );
  }
}
