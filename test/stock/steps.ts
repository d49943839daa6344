import { setTimeout as pause } from 'node:timers/promises';
import { requests } from '@goald/protocol';
import { approveElsewhere, ask } from './other-client.js';
import type { Stage } from './stage.js';
import type { Terminal } from './tmux.js';

const SANDBOX = ['-s', 'workspace-write'];
const UNASKED = [...SANDBOX, '-a', 'never'];
const ASKED = [...SANDBOX, '-a', 'on-request'];
const READY = /Ask Codex to do anything/u;
const TWICE = /The command is through[\s\S]*The command is through/u;
const WELCOME = /To get started[\s\S]*Ask Codex to do anything/u;
/** The same with what comes up last. */
const STARTED = /To get started[\s\S]*Ask Codex to do anything[\s\S]*scripted default/u;
const ASKS = /Press enter to confirm/u;

/** What a user of the stock client does, from the first question to the fork; the same on either server. */
export async function play(stage: Stage): Promise<void> {
  const one = await stage.client(UNASKED);
  await begin(stage, one);
  await commands(stage, one);
  await goals(stage, one);
  await ends(stage, one);
  await stops(stage, one);
  await approvals(stage);
  await together(stage);
  await conversations(stage);
  await doors(stage);
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
  await stage.say(one, '/permissions');
  await stage.shot('/permissions', one, /Full Access/u);
  await stage.press(one, 'Escape');
  await stage.pass('/permissions left', one, READY);
  await stage.say(one, '/diff');
  await stage.shot('/diff of nothing', one, /No changes detected/u);
  await stage.press(one, 'q');
  await stage.pass('/diff left', one, READY);
  await stage.say(one, '!echo from my shell');
  await stage.shot('a command of the user', one, /You ran[\s\S]*from my shell/u);
  await stage.say(one, '/rename The long one');
  await stage.shot('/rename', one, /· The long one/u);
  await stage.say(one, '/resume');
  await stage.shot('/resume: the picker', one, /Resume a previous session[\s\S]*The long one/u);
  await stage.press(one, 'Escape');
  await stage.pass('the picker left', one, READY);
}

async function goals(stage: Stage, one: Terminal): Promise<void> {
  await stage.say(one, '/goal');
  await stage.shot('/goal without a goal', one, /No goal is currently set/u);
  await stage.say(one, '/goal WORK until it is done');
  await stage.shot('/goal set: the command', one, /Explored[\s\S]*Read a\.txt/u);
  await stage.shot('the patch', one, /\+first[\s\S]*\+made/u);
  await stage.shot('the next command', one, /Ran echo 2 >> progress\.txt/u);
  await stage.say(one, '/goal');
  await stage.shot('/goal of an active goal', one, /Status: active/u);
  await stage.say(one, '/goal edit');
  await stage.shot('/goal edit', one, /Edit goal/u);
  await stage.say(one, ', and well');
  await stage.shot(
    'the goal is edited',
    one,
    /Goal active Objective: WORK until it is done, and well/u,
  );
  await stage.say(one, '/goal pause');
  await stage.shot('/goal pause', one, /Goal paused[\s\S]*Goal paused \(/u);
  await endTurn(stage, one);
  await stage.say(one, '/diff');
  await stage.shot('/diff of the patch', one, /D I F F[\s\S]*\+first/u);
  await stage.press(one, 'q');
  await stage.pass('/diff left again', one, READY);
  await stage.say(one, '/goal resume');
  await stage.shot('/goal resume', one, /Working[\s\S]*Pursuing goal/u);
  await stage.press(one, 'Escape');
  await stage.shot('Esc pauses the goal', one, /Goal paused \(/u);
}

async function ends(stage: Stage, one: Terminal): Promise<void> {
  await stage.say(one, '/goal resume');
  await stage.pass('resumed again', one, /Working[\s\S]*Pursuing goal/u);
  await stage.say(one, '/goal WORK on something else');
  await stage.shot('a goal over a goal', one, /Replace current goal/u);
  await stage.press(one, 'Enter');
  await stage.shot('the goal is replaced', one, /Goal active Objective: WORK on something else/u);
  await ask(stage.server, requests.threadGoalSet, { threadId: stage.threadOf(1), tokenBudget: 1 });
  stage.model.goOn();
  await stage.shot('a budget is reached', one, /Goal unmet/u);
  await endTurn(stage, one);
  await stage.say(one, '/goal');
  await stage.shot('/goal at its budget', one, /Status: limited by budget/u);
  await stage.say(one, '/goal clear');
  await stage.shot('/goal clear', one, /Goal cleared/u);
}

async function stops(stage: Stage, one: Terminal): Promise<void> {
  await stage.say(one, 'SLOW please');
  await stage.shot('a turn at work', one, /SLOW please[\s\S]*esc to interrupt/u);
  await stage.say(one, '!echo again from my shell');
  await stage.shot('a command beside it', one, /└ again from my shell/u);
  await stage.press(one, 'Escape');
  await stage.shot('interrupted with Esc', one, /└ again[\s\S]*Conversation interrupted/u);
  await stage.say(one, '/review');
  await stage.shot('/review', one, /Select a review preset/u);
  await stage.press(one, 'Down');
  await stage.press(one, 'Enter');
  await stage.shot('a review', one, /You said: [\s\S]*Worked for/u);
  await stage.say(one, '/stop');
  await stage.shot('/stop', one, /background terminals/iu);
}

async function approvals(stage: Stage): Promise<void> {
  const asks = await stage.client(ASKED);
  await stage.pass('a client that is asked', asks, STARTED);
  await stage.say(asks, 'ASK me first');
  await stage.shot('an approval is asked', asks, ASKS);
  await stage.press(asks, 'Enter');
  await stage.shot('an approval answered in the client', asks, /The command is through/u);
  await stage.say(asks, 'ASK me once more');
  await stage.shot('another one is asked', asks, ASKS);
  await approveElsewhere(stage.server, stage.threadOf(2));
  await stage.shot('an approval answered elsewhere', asks, TWICE);
  await asks[Symbol.asyncDispose]();
}

/** One begins, and leaves while the goal runs on; two others join it later. */
async function together(stage: Stage): Promise<void> {
  const one = await stage.client(UNASKED);
  await stage.pass('a client that leaves', one, STARTED);
  await stage.undo();
  await stage.say(one, '/goal WORK on and on');
  await stage.shot('a goal at work', one, /Explored[\s\S]*Pursuing goal/u);
  await stage.say(one, '/quit');
  await stage.shot(
    'left while it runs on',
    one,
    /Disconnected from this task[\s\S]*Token usage so far/u,
  );
  const threadId = stage.threadOf(3);
  const two = await stage.client(['resume', threadId]);
  await stage.shot('resumed in a second client', two, /Ran echo 2[\s\S]*Pursuing goal/u);
  stage.model.goOn();
  await stage.shot('the second client sees it run on', two, /Ran echo 3[\s\S]*Pursuing goal/u);
  const three = await stage.client(['resume', threadId]);
  await stage.shot('two clients on one thread', three, /Ran echo 3[\s\S]*Pursuing goal/u);
  await stage.say(two, '/goal pause');
  await stage.shot('two clients: one pauses', two, /Goal paused \(/u);
  await stage.shot('two clients: the other sees it', three, /Goal paused \(/u);
  await endTurn(stage, two);
  await stage.say(three, '/goal clear');
  await stage.shot('two clients: the other clears', three, /Goal cleared/u);
  await stage.shot(
    'two clients: the first sees it',
    two,
    /^(?![\s\S]*Goal paused \()[\s\S]*Ask Codex/u,
  );
  await stage.say(two, 'hello from two');
  await stage.shot('two clients: one asks', two, /You said: hello from two/u);
  await stage.shot('two clients: the other reads it', three, /You said: hello from two/u);
  await three[Symbol.asyncDispose]();
  await two[Symbol.asyncDispose]();
}

async function conversations(stage: Stage): Promise<void> {
  const one = await stage.client(UNASKED);
  await stage.pass('another start', one, STARTED);
  await stage.hasThread(6);
  await stage.say(one, '/compact');
  await stage.shot('/compact of nothing', one, /Context compacted/u);
  await stage.say(one, 'remember the word apple');
  await stage.shot('a new conversation', one, /You said: remember the word apple/u);
  await stage.say(one, '/compact');
  await stage.shot('/compact', one, /Context compacted[\s\S]*Context compacted/u);
  await stage.say(one, '/plan');
  await stage.shot('/plan', one, /[Pp]lan mode/u);
  await stage.say(one, 'PLAN the change');
  await stage.shot('a plan is proposed', one, /Read a\.txt/u);
  await stage.press(one, 'Escape');
  await pause(500);
  await stage.say(one, '/fork');
  await stage.shot('/fork', one, /Fork created/u);
  await stage.say(one, '/new');
  await stage.shot('/new', one, /OpenAI Codex(?![\s\S]*Fork created)[\s\S]*Ask Codex/u);
  await stage.say(one, 'hello again');
  await stage.shot('a question in the new thread', one, /You said: hello again/u);
  await one[Symbol.asyncDispose]();
}

/** The other way in. */
async function doors(stage: Stage): Promise<void> {
  const client = await stage.client(UNASKED, { at: stage.server.socket });
  if (stage.server.side === 'reference') {
    // A home of its own does not know yet whom its user trusts.
    await stage.pass('over a Unix socket: trust', client, /Trust and continue/u);
    await stage.press(client, 'Enter');
  }
  await stage.shot('over a Unix socket', client, WELCOME);
  await stage.say(client, 'hello there');
  await stage.shot('a question over a Unix socket', client, /You said: hello there/u);
  await client[Symbol.asyncDispose]();
}

/** A goal that stops does not end the turn at work in the reference. */
async function endTurn(stage: Stage, terminal: Terminal): Promise<void> {
  if (stage.server.side === 'goald') return;
  await stage.press(terminal, 'Escape');
  await stage.pass('the turn has ended', terminal, READY);
}
