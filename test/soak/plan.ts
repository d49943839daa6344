import {
  calls,
  says,
  toolCall,
  type Fault,
  type Script,
  type ScriptedReply,
} from '../helpers/model-server/index.js';
import { Chance } from '../helpers/wire/chance.js';

/** How a goal of the soak has to end. */
export type PlannedEnd = 'complete' | 'blocker' | 'noProgress';

export interface GoalPlan {
  readonly replies: readonly ScriptedReply[];
  readonly end: PlannedEnd;
  /** The gate runs a command before it completes. */
  readonly verified: boolean;
}

/** Share of requests that fail. */
export const FAILURES = 0.05;

const TURNS_WITHOUT_PROGRESS = 3;

export function objectiveOf(goal: number): string {
  return `Soak goal ${String(goal)}.`;
}

/** What the model does for a goal, reply by reply. The same for the same seed and goal. */
export function planOf(seed: number, goal: number): GoalPlan {
  const chance = new Chance(seed * 7919 + goal);
  const replies: ScriptedReply[] = [];
  const turns = chance.between(1, 3);
  for (let turn = 1; turn <= turns; turn += 1) {
    const step = `step ${String(turn)}`;
    const looks = toolCall('read_file', { path: 'a.txt' });
    const runs = toolCall('shell', { command: `echo ${objectiveOf(goal)}` });
    replies.push(
      calls(
        toolCall('update_plan', { steps: [{ step, status: 'completed' }] }),
        chance.next() < 0.1 ? runs : looks,
      ),
      says(`${objectiveOf(goal)} Done with ${step}.`),
    );
  }
  const draw = chance.next();
  const end = draw < 0.85 ? 'complete' : draw < 0.95 ? 'blocker' : 'noProgress';
  return {
    replies: [...replies, ...lastReplies(goal, end)],
    end,
    verified: end === 'complete' && chance.next() < 0.1,
  };
}

function lastReplies(goal: number, end: PlannedEnd): ScriptedReply[] {
  switch (end) {
    case 'complete': {
      const evidence = [{ criterion: 'steps', proof: 'done' }];
      return [calls(toolCall('set_goal', { status: 'complete', evidence }))];
    }
    case 'blocker': {
      const blocker = { summary: 'A key is missing.', question: 'Which one?' };
      return [calls(toolCall('set_goal', { status: 'blocked', blocker }))];
    }
    case 'noProgress':
      return Array.from({ length: TURNS_WITHOUT_PROGRESS }, (_, index) =>
        says(`${objectiveOf(goal)} Thought ${String(index + 1)}.`),
      );
  }
}

/** The model of all goals: their plans, with failures that pass. A goal is known by its objective at the tail of the input. */
export function soakScript(seed: number, onFailure: (kind: string) => void): Script {
  const chance = new Chance(seed);
  return ({ steering, progress }) => {
    const goal = /Soak goal (\d+)\./u.exec(steering ?? '')?.[1];
    if (goal === undefined) throw new Error('The request names no goal.');
    const { replies } = planOf(seed, Number(goal));
    // What comes behind the plan's end closes the turn.
    const reply = replies[progress] ?? says(`${objectiveOf(Number(goal))} That is all.`);
    if (chance.next() >= FAILURES) return reply;
    const [kind, fault] = failure(chance);
    onFailure(kind);
    return { ...reply, fault };
  };
}

function failure(chance: Chance): [kind: string, fault: Fault] {
  return chance.pick<[string, Fault]>([
    ['500', { kind: 'status', status: 500 }],
    ['429', { kind: 'status', status: 429, headers: { 'retry-after': '0' } }],
    ['cut', { kind: 'cut', afterBytes: chance.between(0, 600) }],
  ]);
}
