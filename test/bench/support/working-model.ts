import { calls, says, toolCall, type Script } from '../../helpers/model-server/index.js';

const USAGE = { input: 1000, output: 20 };

/** A model that works: each turn a shell command that changes a file, then a sentence. Never done. */
export function workingModel(): Script {
  let turns = 0;
  return (request) => {
    if (request.lastToolOutputs.length > 0) {
      return { ...says(`Step ${String(turns)} is done; more remains.`), usage: USAGE };
    }
    turns += 1;
    const command = `echo ${String(turns)} >> progress.txt`;
    return { ...calls(shellCall(request.toolNames, command)), usage: USAGE };
  };
}

/** The two servers call their shell by different names. */
function shellCall(names: readonly string[], command: string): ReturnType<typeof toolCall> {
  if (names.includes('exec_command')) return toolCall('exec_command', { cmd: command });
  const name = names.find((known) => known === 'shell' || known === 'shell_command');
  if (name === undefined) throw new Error(`No shell among the tools: ${names.join(', ')}.`);
  return toolCall(name, { command });
}
