import type { Config, ProjectSettings } from '@goald/protocol';

type Limits = Config['limits'];

/** The user's limits with those of a project laid over them: the lower one counts, and what the user does not limit a project may. */
export function tightened(limits: Limits, project: ProjectSettings['limits']): Limits {
  if (project === undefined) return limits;
  const lower = (key: keyof Limits): number | undefined => {
    const values = [limits[key], project[key]].filter((value) => value !== undefined);
    return values.length === 0 ? undefined : Math.min(...values);
  };
  const least = (key: keyof Limits, otherwise: number): number => lower(key) ?? otherwise;
  return {
    ...limits,
    tokenCeiling: least('tokenCeiling', limits.tokenCeiling),
    timeBudgetSeconds: least('timeBudgetSeconds', limits.timeBudgetSeconds),
    maxTurns: least('maxTurns', limits.maxTurns),
    maxTokenBudget: lower('maxTokenBudget'),
    verificationTimeoutSeconds: least(
      'verificationTimeoutSeconds',
      limits.verificationTimeoutSeconds,
    ),
    maxVerificationTimeoutSeconds: least(
      'maxVerificationTimeoutSeconds',
      limits.maxVerificationTimeoutSeconds,
    ),
    costBudgetUsd: lower('costBudgetUsd'),
    maxCostBudgetUsd: lower('maxCostBudgetUsd'),
  };
}

/** Limits of a project that change nothing, because the user's are lower. */
export function withoutEffect(limits: Limits, project: ProjectSettings['limits']): string[] {
  const after = tightened(limits, project);
  return Object.entries(project ?? {})
    .filter(([key, value]) => after[key as keyof Limits] !== value)
    .map(([key]) => `limits.${key}`);
}
