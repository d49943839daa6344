import type { SessionConfigOption, SessionUpdate } from '@agentclientprotocol/sdk';
import type { GoaldClient } from '@goald/client';
import {
  APPROVAL_POLICIES,
  type ApprovalPolicy,
  type notifications,
  type ParamsInput,
  type ParamsOf,
  requests,
  type ResultOf,
} from '@goald/protocol';
import { ACP_ERROR, AcpError } from './acp-error.js';

type Started = Pick<ResultOf<typeof requests.threadStart>, 'model' | 'approvalPolicy' | 'sandbox'>;
type News = ParamsOf<typeof notifications.threadSettingsUpdated>['threadSettings'];
type SandboxType = Started['sandbox']['type'];
type Change = Omit<ParamsInput<typeof requests.threadSettingsUpdate>, 'threadId'>;

/** What the turns of a thread work with. */
interface Settings {
  readonly model: string;
  readonly approvals: ApprovalPolicy;
  readonly sandbox: SandboxType;
}

interface Choice {
  readonly value: string;
  readonly name: string;
  readonly description?: string;
}

const APPROVALS: Readonly<Record<ApprovalPolicy, string>> = {
  never: 'Never ask',
  'on-request': 'Ask where the sandbox ends',
  untrusted: 'Ask before all but harmless commands',
};

const SANDBOXES: Readonly<Record<SandboxType, string>> = {
  readOnly: 'Read only',
  workspaceWrite: 'Write in the folder',
  dangerFullAccess: 'No sandbox',
};
const SANDBOX_TYPES = ['readOnly', 'workspaceWrite', 'dangerFullAccess'] as const;

export interface SessionSettingsOptions {
  readonly client: GoaldClient;
  readonly threadId: string;
  readonly started: Started;
  readonly emit: (update: SessionUpdate) => void;
}

/** The settings of a thread as selectors of the editor. */
export class SessionSettings {
  readonly #options: SessionSettingsOptions;
  #now: Settings;
  #models: readonly Choice[];

  constructor(options: SessionSettingsOptions) {
    const { model, approvalPolicy, sandbox } = options.started;
    this.#options = options;
    this.#now = { model, approvals: approvalPolicy, sandbox: sandbox.type };
    this.#models = [];
  }

  /** All selectors, each with what is chosen now. */
  options(): SessionConfigOption[] {
    const { model, approvals, sandbox } = this.#now;
    const known = this.#models.some((choice) => choice.value === model);
    const models = known ? this.#models : [{ value: model, name: model }, ...this.#models];
    return [
      select('model', 'Model', model, models, 'model'),
      select(
        'approvals',
        'Approvals',
        approvals,
        APPROVAL_POLICIES.map((value) => ({ value, name: APPROVALS[value] })),
      ),
      select(
        'sandbox',
        'Sandbox',
        sandbox,
        SANDBOX_TYPES.map((value) => ({ value, name: SANDBOXES[value] })),
      ),
    ];
  }

  /** Models there are to choose from. The editor is told. */
  offer(models: readonly Choice[]): void {
    this.#models = models;
    this.#tell();
  }

  /** Chooses; from the next turn on. Throws AcpError for what there is not; rejects as the daemon refuses. */
  async choose(configId: string, value: unknown): Promise<SessionConfigOption[]> {
    const { client, threadId } = this.#options;
    const change = this.#changeTo(configId, value);
    await client.request(requests.threadSettingsUpdate, { threadId, ...change.params });
    this.#now = { ...this.#now, ...change.settings };
    return this.options();
  }

  /** Another client, or this one, has changed them. */
  hear({ model, approvalPolicy, sandboxPolicy }: News): void {
    this.#now = { model, approvals: approvalPolicy, sandbox: sandboxPolicy.type };
    this.#tell();
  }

  #changeTo(configId: string, value: unknown): { params: Change; settings: Partial<Settings> } {
    const choices = this.options().find((option) => option.id === configId);
    if (choices?.type !== 'select' || typeof value !== 'string') {
      throw new AcpError(ACP_ERROR.invalidParams, `There is no option "${configId}" of that kind.`);
    }
    if (configId === 'model') return { params: { model: value }, settings: { model: value } };
    const approvals = APPROVAL_POLICIES.find((policy) => policy === value);
    if (configId === 'approvals' && approvals !== undefined) {
      return { params: { approvalPolicy: approvals }, settings: { approvals } };
    }
    const sandbox = SANDBOX_TYPES.find((type) => type === value);
    if (configId === 'sandbox' && sandbox !== undefined) {
      return { params: { sandboxPolicy: { type: sandbox } }, settings: { sandbox } };
    }
    throw new AcpError(ACP_ERROR.invalidParams, `"${configId}" cannot be "${value}".`);
  }

  #tell(): void {
    this.#options.emit({ sessionUpdate: 'config_option_update', configOptions: this.options() });
  }
}

function select(
  id: string,
  name: string,
  currentValue: string,
  choices: readonly Choice[],
  category?: string,
): SessionConfigOption {
  return {
    ...{ type: 'select', id, name, currentValue, options: [...choices] },
    ...(category === undefined ? {} : { category }),
  };
}

/** The models of the daemon as an editor offers them; none where it cannot say. */
export async function modelsOf(client: GoaldClient): Promise<readonly Choice[]> {
  const { data } = await client.request(requests.modelList, { limit: 100 });
  return data.map(({ model, displayName, description }) => ({
    value: model,
    name: displayName,
    ...(description === '' ? {} : { description }),
  }));
}
