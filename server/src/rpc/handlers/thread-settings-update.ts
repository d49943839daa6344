import {
  approvalPolicySchema,
  type ParamsOf,
  type notifications,
  type requests,
} from '@goald/protocol';
import type { ThreadRow } from '../../store/repositories/threads.js';
import { mutationContext } from '../mutation-context.js';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

export const threadSettingsUpdate =
  (services: Services): Handler<typeof requests.threadSettingsUpdate> =>
  async (params, context) => {
    const mutation = mutationContext(context, params);
    await services.threads.configure(params.threadId, params, mutation, (row) =>
      newsOf(services, row),
    );
    return {};
  };

type News = Omit<ParamsOf<typeof notifications.threadSettingsUpdated>, 'emittedAtMs'>;

function newsOf({ identity, confinements }: Services, row: ThreadRow): News {
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
      activePermissionProfile: null,
      model,
      modelProvider: provider,
      serviceTier: identity.serviceTier(row.service_tier),
      effort: null,
      summary: null,
      collaborationMode: {
        mode: 'default',
        settings: { model, reasoning_effort: null, developer_instructions: null },
      },
      multiAgentMode: 'explicitRequestOnly',
      personality: null,
    },
  };
}
