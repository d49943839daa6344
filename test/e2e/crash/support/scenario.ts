import type { ClientCapabilities, ConfigInput, Goal, ParamsInput, requests } from '@goald/protocol';
import type { Script } from '../../../helpers/model-server/index.js';
import type { RpcClient } from '../../../helpers/rpc/rpc-client.js';

/** Where a scenario plays. */
export interface Stage {
  readonly client: RpcClient;
  readonly threadId: string;
  readonly repository: string;
  /** The home was prepared: this is a life that may be cut. */
  readonly isPrepared: boolean;
}

/** A goal's life that can be cut anywhere and gone on with. Scripts read where it stands from the request and the repository, never from a counter. */
export interface Scenario {
  readonly name: string;
  readonly files: Readonly<Record<string, string>>;
  readonly config: ConfigInput;
  /** Of the client. */
  readonly capabilities?: ClientCapabilities;
  readonly goal: Omit<ParamsInput<typeof requests.threadGoalSet>, 'threadId'>;
  /** Model behaviour for a repository. */
  readonly script: (repository: string) => Script;
  /** Makes the home what it has to be before the kills. `live` plays the scenario once, to its end. */
  readonly prepare?: (home: string, live: () => Promise<boolean>) => Promise<void>;
  /** So many milliseconds later than the preparation the kills take place. */
  readonly clockAheadMs?: number;
  /** What people do meanwhile, until the goal has come to its end. Run again from the start after each crash. */
  readonly play: (stage: Stage) => Promise<Goal>;
  /** Throws unless the goal ended as it has to. */
  readonly expectEnd: (goal: Goal, stage: Stage) => Promise<void> | void;
}
