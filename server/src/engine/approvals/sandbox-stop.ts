import type { Confinement } from '../ports/confinement.js';
import type { ToolResult } from '../ports/tools.js';

const WRITES =
  /read-only file system|\bEROFS\b|permission denied|\bEACCES\b|operation not permitted|\bEPERM\b/iu;
const NETWORK =
  /network is unreachable|\bENETUNREACH\b|could not resolve|name resolution|\bEAI_AGAIN\b|\bENOTFOUND\b|name or service not known|getaddrinfo|no route to host|could ?n.t connect|connection refused/iu;

/**
 * Why a command that failed may have failed because of its sandbox, in words for a person, or null. Nobody can tell for sure: it goes by
 * what the command wrote.
 */
export function stoppedBySandbox(
  { command, output }: ToolResult,
  { mode, network }: Confinement,
): string | null {
  if (mode === 'danger-full-access' || command === undefined) return null;
  if (command.exitCode === 0 || command.exitCode === null) return null;
  const text = output.slice(-8000);
  if (WRITES.test(text)) return `The sandbox (${mode}) seems to have kept it from writing.`;
  if (!network && NETWORK.test(text)) return `The sandbox (${mode}) keeps it from the network.`;
  return null;
}
