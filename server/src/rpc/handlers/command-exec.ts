import { ProtocolError, type requests } from '@goald/protocol';
import type { Handler } from '../router.js';
import type { Services } from '../services.js';

const TIMEOUT_MS = 30_000;
const MAX_BYTES = 16 * 1024 * 1024;

export const commandExec =
  ({ identity, git }: Services): Handler<typeof requests.commandExec> =>
  async (params, { signal }) => {
    const { command, cwd, timeoutMs, outputBytesCap } = params;
    const streams = params.tty ?? params.streamStdin ?? params.streamStdoutStderr ?? false;
    if (streams || params.processId != null) {
      throw new ProtocolError('feature_disabled', 'goald runs no terminals for its clients.', {
        feature: 'terminals',
      });
    }
    const [program = '', ...args] = command;
    if (program !== 'git') {
      throw new ProtocolError(
        'policy_refused',
        `goald runs git for its clients to read a repository, and nothing else: not ${JSON.stringify(program)}. Run it in a shell of your own, or ask the agent.`,
      );
    }
    const [folder = '/'] = identity.folders(cwd == null ? null : [cwd]);
    const maxBytes = Math.min(outputBytesCap ?? MAX_BYTES, MAX_BYTES);
    return git.read(args, { cwd: folder, timeoutMs: timeoutMs ?? TIMEOUT_MS, maxBytes, signal });
  };
