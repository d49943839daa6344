import type { GoalStatus } from '@goald/protocol';

/** What `goal` exits with. */
export const EXIT = {
  complete: 0,
  failure: 1,
  usage: 2,
  blocked: 3,
  budget: 4,
  unreachable: 5,
  paused: 6,
  usageLimit: 7,
  cleared: 8,
  weak: 9,
  detached: 130,
} as const;
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** The code for a goal that stopped with this status. */
export const EXIT_OF_STATUS: Readonly<Record<Exclude<GoalStatus, 'active'>, ExitCode>> = {
  complete: EXIT.complete,
  blocked: EXIT.blocked,
  budgetLimited: EXIT.budget,
  paused: EXIT.paused,
  usageLimited: EXIT.usageLimit,
};

/** The table as --help shows it. */
export const EXIT_HELP = `
Exit codes:
    0  the goal is complete, or the command did what it was asked
    1  the command itself failed
    2  wrong usage
    3  the goal is blocked and needs a person
    4  the goal reached a budget
    5  the daemon cannot be reached
    6  the goal is paused
    7  the provider's usage limit is reached
    8  the goal was cleared
    9  the objective is weak (goal lint)
  130  detached with Ctrl-C; the goal goes on`;
