import {
  ProtocolError,
  type ParamsOf,
  type threadGoalSet,
  type VerificationCommand,
  type VerificationInput,
} from '@goald/protocol';
import type { GoalDefinition } from './goal-record.js';
import type { Limits } from './policy.js';

export type SetParams = ParamsOf<typeof threadGoalSet>;

function unavailable(feature: string, advice: string): ProtocolError {
  return new ProtocolError(
    'feature_disabled',
    `${feature} are not available in this version: ${advice}`,
    { feature },
  );
}

/** Refuses what this version does not have. */
export function assertAvailable(params: SetParams): void {
  if (params.isolation === 'workingCopy') {
    throw new ProtocolError(
      'isolation_unavailable',
      'Working copies are not available in this version: use isolation inPlace, in a checkout of your own.',
    );
  }
  if (params.planning != null && params.planning !== 'off') {
    throw unavailable('Planning turns', 'use planning off.');
  }
  if (params.role != null) throw unavailable('Roles', 'leave role out.');
  for (const pattern of patternsOf(params)) assertPattern(pattern);
}

function patternsOf(params: SetParams): readonly string[] {
  const paths = params.constraints?.paths;
  return paths === undefined ? [] : [...paths.allow, ...paths.deny];
}

/** A pattern that could never name a file would protect nothing while it looks as if it did. */
function assertPattern(pattern: string): void {
  const text = pattern.trim();
  const problem =
    text === '' || text.startsWith('#')
      ? 'names nothing'
      : text.split('/').includes('..')
        ? 'leads out of the repository'
        : text.includes('\0')
          ? 'is no path'
          : null;
  if (problem === null) return;
  const message = `The path pattern ${JSON.stringify(pattern)} ${problem}: give patterns as in a .gitignore at the repository's folder, such as src/** or *.lock.`;
  throw new ProtocolError('invalid_params', message, {
    issues: [{ path: ['constraints', 'paths'], message }],
  });
}

function withTimeouts(
  commands: readonly VerificationInput[],
  limits: Limits,
): readonly VerificationCommand[] {
  const most = limits.maxVerificationTimeoutSeconds;
  return commands.map((command) => {
    const timeoutSeconds =
      command.timeoutSeconds ?? Math.min(limits.verificationTimeoutSeconds, most);
    if (timeoutSeconds > most) {
      throw new ProtocolError(
        'budget_over_policy',
        `timeoutSeconds ${String(timeoutSeconds)} of the verification ${command.name} is over the ${String(most)} this daemon's configuration allows.`,
        { field: 'verification', max: most },
      );
    }
    return { ...command, timeoutSeconds };
  });
}

/** The definition after a set: absent fields keep their value. */
export function mergedDefinition(
  before: GoalDefinition,
  params: SetParams,
  limits: Limits,
): GoalDefinition {
  return {
    requirements: params.requirements ?? before.requirements,
    constraints: params.constraints ?? before.constraints,
    verification:
      params.verification == null ? before.verification : withTimeouts(params.verification, limits),
    role: params.role ?? before.role,
    isolation: params.isolation ?? before.isolation,
    planning: params.planning ?? before.planning,
    approvalPolicy: params.approvalPolicy ?? before.approvalPolicy,
    sandbox: params.sandbox ?? before.sandbox,
    networkAccess: params.networkAccess ?? before.networkAccess,
  };
}
