import type { EventStream, GoaldClient } from '@goald/client';
import {
  type ApprovalPolicy,
  type Goal,
  isolationSchema,
  type Origin,
  type ResultOf,
  type SandboxMode,
  type threadStart,
  requests,
  serviceTierSchema,
} from '@goald/protocol';

/** What a person asked of `goal run`. */
export interface RunRequest {
  readonly objective: string;
  /** Absolute folder. */
  readonly cwd: string;
  readonly verify: readonly string[];
  readonly tokenBudget?: number | undefined;
  readonly costBudgetUsd?: number | undefined;
  readonly timeBudgetSeconds?: number | undefined;
  readonly maxTurns?: number | undefined;
  readonly name?: string | undefined;
  /** Ask for the priority tier, whatever the configuration says. */
  readonly fast?: boolean | undefined;
  readonly approvalPolicy?: ApprovalPolicy | undefined;
  readonly sandbox?: SandboxMode | undefined;
  /** Commands in the sandbox may use the network. */
  readonly network?: boolean | undefined;
  readonly origin?: Origin | undefined;
}

/** Makes a thread with this goal. The stream begins before the thread does. A goal the daemon refuses leaves no thread behind. */
export async function startGoal(
  client: GoaldClient,
  run: RunRequest,
): Promise<{ goal: Goal; stream: EventStream; started: ResultOf<typeof threadStart> }> {
  const { headSeq, storeEpoch } = client.server;
  const started = await client.request(requests.threadStart, {
    cwd: run.cwd,
    ...(run.fast === true ? { serviceTier: serviceTierSchema.enum.fast } : {}),
  });
  const { thread } = started;
  try {
    if (run.name !== undefined) {
      await client.request(requests.threadNameSet, { threadId: thread.id, name: run.name });
    }
    const { goal } = await client.request(requests.threadGoalSet, {
      threadId: thread.id,
      objective: run.objective,
      origin: run.origin ?? 'user',
      isolation: isolationSchema.enum.inPlace,
      ...(run.verify.length === 0
        ? {}
        : { verification: run.verify.map((command) => ({ name: nameOf(command), command })) }),
      ...(run.tokenBudget === undefined ? {} : { tokenBudget: run.tokenBudget }),
      ...(run.costBudgetUsd === undefined ? {} : { costBudgetUsd: run.costBudgetUsd }),
      ...(run.timeBudgetSeconds === undefined ? {} : { timeBudgetSeconds: run.timeBudgetSeconds }),
      ...(run.approvalPolicy === undefined ? {} : { approvalPolicy: run.approvalPolicy }),
      ...(run.maxTurns === undefined ? {} : { maxTurns: run.maxTurns }),
      ...(run.sandbox === undefined ? {} : { sandbox: run.sandbox }),
      ...(run.network === undefined ? {} : { networkAccess: run.network }),
    });
    const stream = client.events({ sinceSeq: headSeq, storeEpoch, threadIds: [thread.id] });
    return { goal, stream, started };
  } catch (error) {
    await client.request(requests.threadDelete, { threadId: thread.id }).catch(() => undefined);
    throw error;
  }
}

function nameOf(command: string): string {
  return command.length <= 200 ? command : `${command.slice(0, 199)}…`;
}
