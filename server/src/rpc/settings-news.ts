import { approvalPolicySchema } from '@goald/protocol';
import type { ThreadRow } from '../store/repositories/threads.js';
import { collaborationView } from '../threads/collaboration.js';
import { activeProfile } from '../threads/sandbox-setting.js';
import type { SettingsNews } from '../threads/settings-news.js';
import type { Services } from './services.js';

/** What the clients of a thread are told when its settings change. */
export function settingsNews({ identity, confinements }: Services, row: ThreadRow): SettingsNews {
  const { defaultModel, provider } = identity.model();
  const model = row.model ?? defaultModel;
  return {
    threadId: row.id,
    threadSettings: {
      disabledPluginIds: [],
      cwd: row.cwd,
      environments: null,
      approvalPolicy: approvalPolicySchema.parse(row.approval_policy),
      approvalsReviewer: 'user',
      sandboxPolicy: confinements.view(row).sandbox,
      activePermissionProfile: activeProfile(row),
      model,
      modelProvider: provider,
      serviceTier: identity.serviceTier(row.service_tier),
      effort: null,
      summary: null,
      collaborationMode: collaborationView(row, model),
      multiAgentMode: 'explicitRequestOnly',
      personality: null,
    },
  };
}
