import type { ApprovalPolicy } from '@goald/protocol';
import type { PlainRow } from '../../store/repositories/transfer.js';

/** The one that asks least first. */
const POLICIES: readonly unknown[] = [
  'never',
  'on-request',
  'untrusted',
] satisfies ApprovalPolicy[];

/** A row without the rights that a file claims for its commands, and without a policy that asks less than that of the configuration: whoever wrote the file has no say here. What confines stays. */
export function withoutRights(type: string, row: PlainRow, policy: ApprovalPolicy): PlainRow {
  const asksLess = (other: unknown): boolean => POLICIES.indexOf(other) < POLICIES.indexOf(policy);
  if (type === 'thread') {
    const asked = row['approval_policy'] ?? null;
    return { ...row, approval_policy: asksLess(asked) ? policy : asked, sandbox_json: null };
  }
  const json = row['definition_json'];
  if (type !== 'goal' || typeof json !== 'string') return row;
  const definition = JSON.parse(json) as Record<string, unknown>;
  const confines = definition['sandbox'] !== 'danger-full-access';
  return {
    ...row,
    definition_json: JSON.stringify({
      ...definition,
      approvalPolicy: asksLess(definition['approvalPolicy']) ? null : definition['approvalPolicy'],
      sandbox: confines ? definition['sandbox'] : null,
      networkAccess: definition['networkAccess'] === true ? null : definition['networkAccess'],
    }),
  };
}
