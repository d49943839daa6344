import type { AvailableCommand } from '@agentclientprotocol/sdk';

/** Slash commands: what a person types behind `/`, and what it does. */
const COMMANDS = {
  goal: {
    description: 'Set the goal of this session; without words, show it',
    hint: 'what shall be true in the end',
  },
  'goal-status': { description: 'Where the goal stands and what it used', hint: null },
  'goal-pause': { description: 'Stop the goal for now', hint: null },
  'goal-resume': { description: 'Let the goal go on', hint: null },
  'goal-clear': { description: 'Give the goal up', hint: null },
  'goal-report': { description: 'What the goal did: changes, verification, evidence', hint: null },
  'goal-answer': {
    description: 'Answer what the agent asks, and let the goal go on',
    hint: 'your answer',
  },
  'goal-accept': { description: 'Take the objective the agent proposes', hint: null },
  'goal-decline': { description: 'Decline the objective the agent proposes', hint: 'why' },
} as const satisfies Readonly<Record<string, { description: string; hint: string | null }>>;

export type CommandName = keyof typeof COMMANDS;

export function isCommandName(name: string): name is CommandName {
  return Object.hasOwn(COMMANDS, name);
}

/** All names, as a person types them. */
export const COMMAND_LIST = Object.keys(COMMANDS)
  .map((name) => `/${name}`)
  .join(', ');

/** The commands as the editor offers them. */
export const AVAILABLE_COMMANDS: readonly AvailableCommand[] = Object.entries(COMMANDS).map(
  ([name, { description, hint }]) => ({
    name,
    description,
    ...(hint === null ? {} : { input: { hint } }),
  }),
);
