import { setTimeout as pause } from 'node:timers/promises';
import { requests, type ParamsInput, type RequestMessage } from '@goald/protocol';
import { connectPeer } from './servers.js';
import type { Stage } from './stage.js';
import type { Terminal } from './tmux.js';

const FREE = ['-s', 'danger-full-access', '-a', 'never'];
const READY = /Ask Codex to do anything/u;
const TWICE = /The command is through[\s\S]*The command is through/u;
const WELCOME = /To get started[\s\S]*Ask Codex to do anything/u;

/** What a user of the stock client does, from the first question to the fork; the same on either server. */
export async function play(stage: Stage): Promise<void> {
  const one = await stage.client(FREE);
  await begin(stage, one);
  await commands(stage, one);
  await goals(stage, one);
  await stops(stage, one);
  await approvals(stage);
  await together(stage, one);
  await conversations(stage);
  await overUnix(stage);
}

async function begin(stage: Stage, one: Terminal): Promise<void> {
  await stage.shot('start: asks for trust', one, /Trust and continue/u);
  await stage.press(one, 'Enter');
  await stage.shot('trusted: ready', one, WELCOME);
  await stage.say(one, 'hello there');
  await stage.shot('a plain question', one, /You said: hello there/u);
}

async function commands(stage: Stage, one: Terminal): Promise<void> {
  await stage.say(one, '/status');
  await stage.shot('/status', one, /Session:/u);
  await stage.say(one, '/model');
  await stage.shot('/model', one, /Select Model/u);
  await stage.press(one, 'Escape');
  await stage.pass('/model left', one, READY);
  await stage.say(one, '/diff');
  await stage.shot('/diff of nothing', one, /No changes detected/u);
  await stage.press(one, 'q');
  await stage.pass('/diff left', one, READY);
  await stage.say(one, '!echo from my shell');
  await stage.shot('a command of the user', one, /You ran[\s\S]*from my shell/u);
}

async function goals(stage: Stage, one: Terminal): Promise<void> {
  await stage.say(one, '/goal');
  await stage.shot('/goal without a goal', one, /[Nn]o goal|Usage|goal/u);
  await stage.say(one, '/goal WORK until it is done');
  await stage.shot('/goal set: the command', one, /(Read|cat) a\.txt/u);
  await stage.shot('the patch', one, /Edited a\.txt|\+first/u);
  await stage.say(one, '/goal');
  await stage.shot('/goal of an active goal', one, /WORK until it is done/u);
  await stage.say(one, '/goal pause');
  await stage.shot('/goal pause', one, /paused/iu);
  await stage.say(one, '/diff');
  await stage.shot('/diff of the patch', one, /D I F F[\s\S]*\+first/u);
  await stage.press(one, 'q');
  await stage.pass('/diff left again', one, READY);
  await stage.say(one, '/goal resume');
  await stage.shot('/goal resume', one, /Pursuing goal/u);
  await stage.say(one, '/goal WORK on something else');
  await stage.pass('a goal over a goal asks', one, /Replace current goal/u);
  await stage.press(one, 'Enter');
  await stage.shot('the goal is replaced', one, /Goal active[\s\S]*something else/u);
  await rpc(stage, requests.threadGoalSet, { threadId: threadOf(stage, 1), tokenBudget: 1 });
  await stage.shot('a budget is reached', one, /Goal unmet|budget/u);
  // The reference lets the turn in flight go on.
  if (stage.server.side === 'reference') await stage.press(one, 'Escape');
  await stage.say(one, '/goal clear');
  await stage.shot('/goal clear', one, /cleared/iu);
}

async function stops(stage: Stage, one: Terminal): Promise<void> {
  await stage.say(one, 'SLOW please');
  await stage.shot('a turn at work', one, /esc to interrupt/u);
  await stage.press(one, 'Escape');
  await stage.shot('interrupted with Esc', one, /interrupted/iu);
}

async function approvals(stage: Stage): Promise<void> {
  // Without a sandbox the reference asks for nothing.
  const sandbox = stage.server.side === 'reference' ? 'workspace-write' : 'danger-full-access';
  const asks = await stage.client(['-s', sandbox, '-a', 'on-request']);
  await stage.pass('a client that is asked', asks, READY);
  await stage.say(asks, 'ASK me first');
  await stage.shot('an approval is asked', asks, /Press enter to confirm/u);
  await stage.press(asks, 'Enter');
  await stage.shot('an approval answered in the client', asks, /The command is through/u);
  if (stage.server.side === 'goald') await answeredElsewhere(stage, asks);
  await asks[Symbol.asyncDispose]();
}

/** Its person looks on while another client of theirs decides. */
async function answeredElsewhere(stage: Stage, asks: Terminal): Promise<void> {
  await stage.say(asks, 'ASK me once more');
  await stage.pass('asked again', asks, /Press enter to confirm/u);
  const { url, token } = stage.server;
  using peer = await connectPeer(url, token);
  const { data } = await peer.request(requests.goalApprovalList, {});
  const [pending] = data as readonly { readonly approvalId: string }[];
  await peer.request(requests.goalApprovalDecide, {
    approvalId: pending?.approvalId ?? '',
    decision: 'accept',
  });
  await stage.shot('an approval answered by another client', asks, TWICE);
}

async function together(stage: Stage, one: Terminal): Promise<void> {
  const threadId = threadOf(stage, 1);
  await stage.say(one, '/goal WORK while nobody looks');
  await stage.pass('at work', one, /Pursuing goal/u);
  await stage.say(one, '/quit');
  await pause(1500);
  if (!(await one.ended())) throw new Error('The client did not quit.');
  const two = await stage.client(['resume', threadId]);
  await stage.shot('resumed in a second client', two, /Pursuing goal/u);
  const three = await stage.client(['resume', threadId]);
  await stage.pass('a third client on the same thread', three, /Pursuing goal/u);
  await stage.say(two, '/goal pause');
  await stage.shot('two clients: one pauses', two, /paused/iu);
  await stage.shot('two clients: the other sees it', three, /paused/iu);
  await stage.say(three, '/goal clear');
  await stage.shot('two clients: the other clears', three, /cleared/iu);
  await stage.shot('two clients: the first sees it', two, READY);
  await three[Symbol.asyncDispose]();
  await two[Symbol.asyncDispose]();
}

async function conversations(stage: Stage): Promise<void> {
  const one = await stage.client(FREE);
  await stage.pass('another start', one, READY);
  await stage.say(one, 'remember the word apple');
  await stage.shot('a new conversation', one, /You said: remember the word apple/u);
  await stage.say(one, '/compact');
  await stage.shot('/compact', one, /Context compacted/u);
  await stage.say(one, '/plan');
  await stage.shot('/plan', one, /[Pp]lan mode/u);
  await stage.say(one, 'PLAN the change');
  await stage.shot('a plan is proposed', one, /Read a\.txt/u);
  await stage.press(one, 'Escape');
  await pause(500);
  await stage.say(one, '/fork');
  await stage.shot('/fork', one, /forked from|Fork created/u);
  await stage.say(one, '/new');
  await stage.shot('/new', one, /To get started|Ask Codex/u);
  await stage.say(one, 'hello again');
  await stage.shot('a question in the new thread', one, /You said: hello again/u);
  await one[Symbol.asyncDispose]();
}

async function overUnix(stage: Stage): Promise<void> {
  const { socket } = stage.server;
  if (socket === null) return;
  const client = await stage.client(FREE, `unix://${socket}`);
  await stage.shot('over a Unix socket', client, READY);
  await stage.say(client, 'hello there');
  await stage.shot('a question over a Unix socket', client, /You said: hello there/u);
}

/** A request of another client, as a script would make it. */
async function rpc<M extends RequestMessage>(
  stage: Stage,
  message: M,
  params: ParamsInput<M>,
): Promise<void> {
  const { url, token } = stage.server;
  using peer = await connectPeer(url, token);
  await peer.request(message, params);
}

/** The thread that a connection of the tap started first. */
function threadOf(stage: Stage, connection: number): string {
  for (const frame of stage.tap.frames) {
    if (frame.connection !== connection) continue;
    const result = frame.message['result'] as { thread?: { id?: string } } | undefined;
    if (typeof result?.thread?.id === 'string') return result.thread.id;
  }
  throw new Error('That client has no thread.');
}
