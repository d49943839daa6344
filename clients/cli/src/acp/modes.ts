import type { SessionModeState } from '@agentclientprotocol/sdk';

/** What a message of the user is to goald. */
export const MODES = ['chat', 'goal'] as const;
export type Mode = (typeof MODES)[number];

const WORDS: Readonly<Record<Mode, { name: string; description: string }>> = {
  chat: {
    name: 'Chat',
    description: 'Each message is one turn of the agent. /goal sets a goal.',
  },
  goal: {
    name: 'Goal',
    description:
      'A message becomes the goal, and the agent works turn after turn until it is complete. While a goal is unfinished, messages go to the agent.',
  },
};

export function isMode(id: string): id is Mode {
  return MODES.some((mode) => mode === id);
}

/** The modes as the editor offers them. */
export function modeState(currentModeId: Mode): SessionModeState {
  return { currentModeId, availableModes: MODES.map((id) => ({ id, ...WORDS[id] })) };
}
