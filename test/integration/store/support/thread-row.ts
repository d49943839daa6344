import type { ThreadRow } from '@goald/server/store/repositories/threads.js';

/** A thread as short as it can be. */
export function threadRow(id: string): ThreadRow {
  return {
    id,
    cwd: '/',
    name: null,
    preview: '',
    model: null,
    source: 'appServer',
    originator: null,
    thread_source: null,
    daemon_version: '0',
    git_json: null,
    approval_policy: 'never',
    sandbox_json: null,
    developer_instructions: null,
    service_tier: null,
    archived: 0,
    fence: 0,
    created_at_ms: 1,
    updated_at_ms: 1,
  };
}
