import {
  approvalPolicySchema,
  type ResultOf,
  type Thread,
  type threadStart,
} from '@goald/protocol';
import type { ThreadRow } from '../store/repositories/threads.js';
import { activeProfile } from '../threads/sandbox-setting.js';
import type { Services } from './services.js';

/** What thread/start and thread/resume both answer. */
export async function threadSettings(
  { identity, confinements }: Services,
  row: ThreadRow,
  thread: Thread,
): Promise<ResultOf<typeof threadStart>> {
  const model = identity.model();
  return {
    thread,
    model: row.model ?? model.defaultModel,
    modelProvider: model.provider,
    serviceTier: identity.serviceTier(row.service_tier),
    disabledPluginIds: [],
    cwd: row.cwd,
    runtimeWorkspaceRoots: [row.cwd],
    instructionSources: [...(await identity.instructionFiles(row.cwd))],
    approvalPolicy: approvalPolicySchema.parse(row.approval_policy),
    approvalsReviewer: 'user',
    ...confinements.view(row),
    activePermissionProfile: activeProfile(row),
    reasoningEffort: null,
    multiAgentMode: 'explicitRequestOnly',
  };
}
