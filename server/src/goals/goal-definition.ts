import {
  ProtocolError,
  type ApprovalPolicy,
  type ParamsOf,
  type SandboxMode,
  type threadGoalSet,
} from '@goald/protocol';
import type { GoalDefinition } from './goal-record.js';

export type SetParams = ParamsOf<typeof threadGoalSet>;

/** The only sandbox and approval settings this version can enforce. Throws what is not there yet, never ignores it. */
export function assertConfinement(settings: {
  sandbox?: SandboxMode | null | undefined;
  approvalPolicy?: ApprovalPolicy | null | undefined;
}): void {
  const { sandbox, approvalPolicy } = settings;
  if (sandbox != null && sandbox !== 'danger-full-access') {
    throw new ProtocolError(
      'sandbox_unavailable',
      `The sandbox ${sandbox} cannot be enforced by this version, and nothing runs less confined than was asked: use danger-full-access, or run goald inside a container.`,
      { sandbox },
    );
  }
  if (approvalPolicy != null && approvalPolicy !== 'never') {
    throw new ProtocolError(
      'feature_disabled',
      `The approval policy ${approvalPolicy} is not available in this version: use never.`,
      { feature: 'approvals' },
    );
  }
}

function unavailable(feature: string, advice: string): ProtocolError {
  return new ProtocolError(
    'feature_disabled',
    `${feature} are not available in this version: ${advice}`,
    { feature },
  );
}

/** Refuses what this version does not have. */
export function assertAvailable(params: SetParams): void {
  assertConfinement(params);
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
  const paths = params.constraints?.paths;
  if (paths !== undefined && paths.allow.length + paths.deny.length > 0) {
    throw unavailable('Path constraints', 'say them in constraints.notes.');
  }
}

/** The definition after a set: absent fields keep their value. */
export function mergedDefinition(before: GoalDefinition, params: SetParams): GoalDefinition {
  return {
    requirements: params.requirements ?? before.requirements,
    constraints: params.constraints ?? before.constraints,
    verification: params.verification ?? before.verification,
    role: params.role ?? before.role,
    isolation: params.isolation ?? before.isolation,
    planning: params.planning ?? before.planning,
    approvalPolicy: params.approvalPolicy ?? before.approvalPolicy,
    sandbox: params.sandbox ?? before.sandbox,
  };
}
