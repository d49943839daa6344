import { eventually } from '../../helpers/eventually.js';
import { calls, says, toolCall, type Script } from '../../helpers/model-server/index.js';
import { NormalForm } from './normal-form.js';
import type { Answer, Heard } from './raw-client.js';
import type { Served } from './servers.js';

/** What one step of the script brought: the answer, and what was heard since the step before. */
export interface Step {
  readonly name: string;
  readonly answer: unknown;
  readonly heard: readonly Heard[];
}

/** A model that runs a command when the newest words ask for it, and talks otherwise. */
export function scriptedModel(): Script {
  return ({ lastToolOutputs, input, toolNames, index }) => {
    if (lastToolOutputs.length > 0)
      return { ...says('It ran.'), usage: { input: 1100, output: 10 } };
    const newest = input.findLast((item) => item.type === 'message' && item.role === 'user');
    const asked = newest?.type === 'message' ? newest.text : '';
    // The fourth answer is the goal's, and takes all of its budget.
    if (index >= 3) return { ...says('Hello again.'), usage: { input: 30_000, output: 10 } };
    if (!asked.includes('Run')) {
      return { ...says('Hello there.'), usage: { input: 900, output: 10 } };
    }
    const call = toolNames.includes('exec_command')
      ? toolCall('exec_command', { cmd: 'echo hi' })
      : toolCall('shell', { command: 'echo hi' });
    return { ...calls(call), usage: { input: 1000, output: 20 } };
  };
}

/** Runs the same script on a server. */
export async function playScript({ client, repository }: Served): Promise<Step[]> {
  const normal = new NormalForm({ [repository]: '<repository>' });
  const steps: Step[] = [];
  let heardSo = 0;
  const step = async (name: string, method: string, params: object): Promise<Answer> => {
    const answer = await client.call(method, params);
    await settled(client.heard);
    const heard = client.heard.slice(heardSo).map((one) => normal.of(one) as Heard);
    heardSo = client.heard.length;
    const told = answer.error === undefined ? answer.result : { error: answer.error.code };
    steps.push({ name, answer: normal.of(told), heard });
    return answer;
  };
  const started = await step('start a thread', 'thread/start', {
    cwd: repository,
    approvalPolicy: 'never',
    sandbox: 'danger-full-access',
  });
  const { id: threadId } = started.result?.['thread'] as { id: string };
  const say = (text: string): object => ({ threadId, input: [{ type: 'text', text }] });
  await step('name it', 'thread/name/set', { threadId, name: 'A name' });
  await step('say something', 'turn/start', say('Hello'));
  await step('have a command run', 'turn/start', say('Run echo hi'));
  await step('there is no goal', 'thread/goal/get', { threadId });
  await step('a goal without words', 'thread/goal/set', { threadId, objective: ' ' });
  await step('a budget of nothing', 'thread/goal/set', {
    threadId,
    objective: 'x',
    tokenBudget: 0,
  });
  await step('no goal to pause', 'thread/goal/set', { threadId, status: 'paused' });
  await step('a paused goal', 'thread/goal/set', {
    threadId,
    objective: 'Say hello.',
    status: 'paused',
    tokenBudget: 20_000,
  });
  await step('the goal', 'thread/goal/get', { threadId });
  await step('another objective', 'thread/goal/set', { threadId, objective: 'Say hello, too.' });
  await step('let it run into its budget', 'thread/goal/set', { threadId, status: 'active' });
  await step('the goal at its budget', 'thread/goal/get', { threadId });
  await step('clear it', 'thread/goal/clear', { threadId });
  await step('clear it again', 'thread/goal/clear', { threadId });
  await step('the thread', 'thread/read', { threadId });
  await step('its turns', 'thread/turns/list', { threadId });
  await step('loaded threads', 'thread/loaded/list', {});
  await step('threads', 'thread/list', { cwd: repository });
  await step('interrupt nothing', 'turn/interrupt', { threadId, turnId: threadId });
  await step('steer nothing', 'turn/steer', { ...say('a'), expectedTurnId: threadId });
  await step('no such thread', 'thread/read', { threadId: '01999999-0000-7000-8000-000000000000' });
  await step('archive it', 'thread/archive', { threadId });
  await step('unarchive it', 'thread/unarchive', { threadId });
  return steps;
}

/** Resolves when turns that began have ended and nothing more was heard for a while. */
async function settled(heard: readonly Heard[]): Promise<void> {
  let length = -1;
  let since = performance.now();
  await eventually('the server is quiet', () => {
    const count = (method: string): number => heard.filter((one) => one.method === method).length;
    if (heard.length !== length) {
      length = heard.length;
      since = performance.now();
    }
    const open = count('turn/started') - count('turn/completed');
    return open === 0 && performance.now() - since > 400;
  });
}
