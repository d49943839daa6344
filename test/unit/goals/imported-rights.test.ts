import { withoutRights } from '@goald/server/threads/transfer/imported-rights.js';
import { expect, it } from 'vitest';

const threadOf = (approval_policy: string) => ({ approval_policy, sandbox_json: '{}' });
const goalOf = (approvalPolicy: string | null) => ({
  definition_json: JSON.stringify({ approvalPolicy, sandbox: null, networkAccess: null }),
});

it('what is imported is asked for as the configuration says, or more', () => {
  const thread = (asked: string, policy: 'never' | 'on-request' | 'untrusted') =>
    withoutRights('thread', threadOf(asked), policy)['approval_policy'];
  expect(thread('never', 'untrusted')).toBe('untrusted');
  expect(thread('on-request', 'untrusted')).toBe('untrusted');
  expect(thread('untrusted', 'never')).toBe('untrusted');
  expect(thread('what?', 'never')).toBe('never');
  const goal = (asked: string, policy: 'never' | 'untrusted') =>
    JSON.parse(String(withoutRights('goal', goalOf(asked), policy)['definition_json'])) as object;
  expect(goal('never', 'untrusted')).toMatchObject({ approvalPolicy: null });
  expect(goal('untrusted', 'never')).toMatchObject({ approvalPolicy: 'untrusted' });
});
