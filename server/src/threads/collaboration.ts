import type { AskedCollaborationMode, CollaborationMode } from '@goald/protocol';
import type { ThreadRow } from '../store/repositories/threads.js';

/** Its turns plan: they look, propose, and change nothing. Its goal rests meanwhile. */
export function isPlanning(thread: Pick<ThreadRow, 'mode'> | undefined): boolean {
  return thread?.mode === 'plan';
}

/** What a client's wish for a mode changes of a thread; nothing where there is none. */
export function modeChange(
  asked: AskedCollaborationMode | null | undefined,
): Partial<Pick<ThreadRow, 'model' | 'mode' | 'mode_instructions'>> {
  if (asked == null) return {};
  const { model, developer_instructions: words } = asked.settings;
  const said = words == null || words.trim() === '' ? null : words;
  return { model, mode: asked.mode, mode_instructions: said };
}

/** The mode of a thread as clients see it. `model`: the one it works with. */
export function collaborationView(thread: ThreadRow, model: string): CollaborationMode {
  return {
    mode: thread.mode,
    settings: {
      model,
      reasoning_effort: null,
      developer_instructions: thread.mode_instructions,
    },
  };
}
