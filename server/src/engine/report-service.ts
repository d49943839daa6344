import type { Evidence, GoalReport, PlanStep } from '@goald/protocol';
import { tokenLimit } from '../goals/budget.js';
import type { GoalQueries, GoalRef } from '../goals/goal-queries.js';
import { budgetOf, changedChecksOf, evidenceOf, toGoal } from '../goals/goal-record.js';
import { toBlocker, toProposal } from '../goals/people-records.js';
import { toUsd, usdOrNull } from '../goals/money.js';
import type { Tier } from '../goals/price.js';
import type { GoalRow } from '../store/repositories/goals.js';
import type { Repositories } from '../store/repositories/index.js';
import { toBreach } from './guard/breach-text.js';
import { toRefusals } from './gate/refusals.js';
import { toRun } from './gate/run-records.js';
import type { Workspace, WorkspaceDiff } from './ports/workspace.js';
import { reportSummary } from './report-summary.js';

const MOST_RUNS = 20;
const MOST_DIFF_CHARS = 1024 * 1024;

export interface ReportServiceOptions {
  readonly repositories: Repositories;
  readonly queries: GoalQueries;
  readonly workspace: Workspace;
  /** Tier the requests of a thread with this setting ask for. */
  readonly tier: (threadTier: string | null) => Tier;
}

/** Writes what a goal did and cost, from what is stored; no model is asked. */
export class ReportService {
  readonly #options: ReportServiceOptions;

  constructor(options: ReportServiceOptions) {
    this.#options = options;
  }

  async report(ref: GoalRef): Promise<GoalReport> {
    const { repositories, queries } = this.#options;
    const row = queries.resolve(ref);
    const { notes } = repositories;
    const thread = repositories.threads.find(row.thread_id);
    const cwd = thread?.cwd ?? '';
    const tier = this.#options.tier(thread?.service_tier ?? null);
    const changes = await this.#changes(row, cwd);
    const plan = notes.plan(row.thread_id);
    const runs = notes.runs(row.goal_id, MOST_RUNS);
    const totals = repositories.ledger.totals({ goalId: row.goal_id });
    const budget = budgetOf(row);
    const report: Omit<GoalReport, 'summary'> = {
      goal: toGoal(row),
      cwd,
      diffStat: changes?.stat ?? null,
      diff: changes === null ? null : cut(changes.diff),
      verification: runs.map(toRun),
      evidence: evidenceShown(row, runs),
      refusals: toRefusals(notes.refusals(row.goal_id), row.refused),
      pathBreaches: repositories.breaches.ofGoal(row.goal_id).map(toBreach),
      changedChecks: row.verified === 1 ? changedChecksOf(row) : [],
      blockers: repositories.blockers.ofGoal(row.goal_id).map(toBlocker),
      proposals: repositories.proposals.ofGoal(row.goal_id).map(toProposal),
      plan: plan?.goal_id === row.goal_id ? (JSON.parse(plan.steps_json) as PlanStep[]) : [],
      budgets: {
        tokens: { used: budget.tokensUsed, limit: tokenLimit(budget) },
        costUsd: { used: toUsd(budget.costNano), limit: usdOrNull(budget.costBudgetNano) },
        seconds: { used: Math.floor(budget.timeUsedMs / 1000), limit: budget.timeBudgetSeconds },
        turns: { used: budget.turnsUsed, limit: budget.maxTurns },
      },
      requests: totals.requests,
      estimatedRequests: totals.estimated,
      overshootTokens: Math.max(0, budget.tokensUsed - tokenLimit(budget)),
      overshootUsd:
        budget.costBudgetNano === null
          ? 0
          : toUsd(Math.max(0, budget.costNano - budget.costBudgetNano)),
      serviceTier: tier === 'priority' ? tier : null,
      fastRequests: totals.fast,
      unpricedRequests: totals.unpriced,
    };
    return { ...report, summary: reportSummary(report) };
  }

  async #changes(row: GoalRow, cwd: string): Promise<WorkspaceDiff | null> {
    if (row.baseline_tree_id === null || cwd === '') return null;
    try {
      return await this.#options.workspace.diffFrom(cwd, row.baseline_tree_id);
    } catch {
      // The folder may be gone; the rest of the report still stands.
      return null;
    }
  }
}

/** What completed the goal; as long as nothing has, what was proposed last. */
function evidenceShown(row: GoalRow, runs: Parameters<typeof toRun>[0][]): Evidence[] {
  const accepted = evidenceOf(row);
  if (accepted.length > 0) return accepted;
  const proposed = runs.find((run) => run.requested_by === 'proposal');
  return proposed === undefined ? [] : toRun(proposed).evidence;
}

function cut(diff: string): string {
  return diff.length <= MOST_DIFF_CHARS
    ? diff
    : `${diff.slice(0, MOST_DIFF_CHARS)}\n… cut at 1 MiB\n`;
}
