import { sep } from 'node:path';
import type { GoaldClient } from '@goald/client';
import { type Approval, requests } from '@goald/protocol';
import { CommandError } from '../failures.js';
import { approvalLine } from '../output/approval-text.js';

/**
 * The approval a command is about: the one `ref` names (its id or that of its thread, or the start or end of one), else the only one that
 * waits in this folder, or at all. Throws CommandError that lists the candidates.
 */
export async function pickApproval(
  client: GoaldClient,
  { ref, cwd }: { ref: string | undefined; cwd: string },
): Promise<Approval> {
  const { data } = await client.request(requests.goalApprovalList, {});
  if (data.length === 0) throw new CommandError('Nothing waits for an approval.');
  const here = data.filter((one) => one.cwd === cwd || one.cwd.startsWith(cwd + sep));
  const matches =
    ref === undefined ? (here.length > 0 ? here : data) : data.filter((one) => isNamed(one, ref));
  const [only] = matches;
  if (only !== undefined && matches.length === 1) return only;
  const found = matches.length === 0 ? data : matches;
  const why =
    ref === undefined
      ? 'Several wait for an approval; name one:'
      : `${matches.length === 0 ? 'None is' : 'Several are'} called "${ref}". These wait:`;
  throw new CommandError(`${why}\n${found.map((one) => `  ${approvalLine(one)}`).join('\n')}`);
}

function isNamed({ approvalId, threadId }: Approval, ref: string): boolean {
  return [approvalId, threadId].some((id) => id.startsWith(ref) || id.endsWith(ref));
}
