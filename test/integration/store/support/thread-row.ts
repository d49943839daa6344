import type { ThreadRepository } from '@goald/server/store/repositories/threads.js';

/** A thread as short as it can be. */
export function threadRow(id: string): Parameters<ThreadRepository['insert']>[0] {
  return {
    id,
    cwd: '/',
    preview: '',
    source: 'vscode',
    daemon_version: '0',
    approval_policy: 'never',
    archived: 0,
    fence: 0,
    created_at_ms: 1,
    updated_at_ms: 1,
  };
}
