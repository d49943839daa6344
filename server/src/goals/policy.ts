import {
  OBJECTIVE_MAX_CHARS,
  ProtocolError,
  TIME_BUDGET_MAX_SECONDS,
  type Config,
  type Origin,
} from '@goald/protocol';
import { toNano, toUsd } from './money.js';

/** The largest cost budget, in USD: sums stay whole numbers that every client can read. */
const MOST_USD = 1_000_000;

/** What this daemon allows, from its configuration. */
export type Limits = Config['limits'];

/** `origin: "automatic"` may read, pause and clear, never resume or edit. */
export function assertMayEdit(origin: Origin | null | undefined): void {
  if (origin !== 'automatic') return;
  throw new ProtocolError(
    'policy_refused',
    'An automatic origin may pause or clear a goal, but only a user may set, edit or resume one.',
  );
}

/** The objective as it is stored. Throws objective_empty and objective_too_long. */
export function checkedObjective(text: string): string {
  const objective = text.trim();
  if (objective === '') {
    throw new ProtocolError('objective_empty', 'The objective is empty: say what is to be done.');
  }
  // Characters as a person counts them, so that an emoji is not two.
  const length = [...objective].length;
  if (length > OBJECTIVE_MAX_CHARS) {
    throw new ProtocolError(
      'objective_too_long',
      `The objective has ${String(length)} characters, ${String(OBJECTIVE_MAX_CHARS)} are allowed: put the details into a file of the repository and name it.`,
      { length, max: OBJECTIVE_MAX_CHARS },
    );
  }
  return objective;
}

/** A budget or an addition to one: a whole number above zero. Throws budget_not_positive. */
export function checkedAmount(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value > 0) return value;
  throw new ProtocolError(
    'budget_not_positive',
    `${name} must be a whole number above 0, not ${String(value)}.`,
    { field: name },
  );
}

export function checkedTokenBudget(value: number, limits: Limits): number {
  const budget = checkedAmount('tokenBudget', value);
  const most = limits.maxTokenBudget;
  if (most !== undefined && budget > most) {
    throw new ProtocolError(
      'budget_over_policy',
      `tokenBudget ${String(budget)} is over the ${String(most)} this daemon's configuration allows.`,
      { field: 'tokenBudget', max: most },
    );
  }
  return budget;
}

/** A cost budget or an addition to one, in USD. Answers whole nanodollars. Throws budget_not_positive and budget_over_policy. */
export function checkedCost(name: string, usd: number): number {
  const nano = toNano(usd);
  if (Number.isNaN(nano) || nano < 1) {
    throw new ProtocolError(
      'budget_not_positive',
      `${name} must be an amount of USD above 0, not ${String(usd)}.`,
      { field: name },
    );
  }
  if (usd > MOST_USD) {
    throw new ProtocolError(
      'budget_over_policy',
      `${name} ${String(usd)} is over the most there is, ${String(MOST_USD)} USD.`,
      { field: name, max: MOST_USD },
    );
  }
  return nano;
}

/** A whole cost budget in nanodollars, held against the configuration's most. */
export function checkedCostBudget(nano: number, limits: Limits): number {
  const most = limits.maxCostBudgetUsd;
  if (most !== undefined && nano > toNano(most)) {
    throw new ProtocolError(
      'budget_over_policy',
      `costBudgetUsd ${String(toUsd(nano))} is over the ${String(most)} this daemon's configuration allows.`,
      { field: 'costBudgetUsd', max: most },
    );
  }
  return checkedCost('costBudgetUsd', toUsd(nano));
}

export function checkedTimeBudget(value: number): number {
  const seconds = checkedAmount('timeBudgetSeconds', value);
  if (seconds > TIME_BUDGET_MAX_SECONDS) {
    throw new ProtocolError(
      'budget_over_policy',
      `timeBudgetSeconds ${String(seconds)} is over the most there is, ${String(TIME_BUDGET_MAX_SECONDS)} (12 hours).`,
      { field: 'timeBudgetSeconds', max: TIME_BUDGET_MAX_SECONDS },
    );
  }
  return seconds;
}
