import { notifications, type ParamsOf } from '@goald/protocol';
import { outgoing } from '../store/outgoing.js';
import type { ThreadRow } from '../store/repositories/threads.js';
import type { Tx } from '../store/store.js';

export type SettingsNews = Omit<
  ParamsOf<typeof notifications.threadSettingsUpdated>,
  'emittedAtMs'
>;

/** What the next turns of a thread work with. */
const SETTINGS = [
  'cwd',
  'model',
  'service_tier',
  'approval_policy',
  'sandbox_json',
  'developer_instructions',
  'mode',
  'mode_instructions',
] as const;

/** Tells the clients of a thread its settings where they are not what they were. */
export function tellSettings(
  tx: Tx,
  before: ThreadRow,
  after: ThreadRow,
  announce: (row: ThreadRow) => SettingsNews,
): void {
  if (SETTINGS.every((name) => before[name] === after[name])) return;
  const audience = { to: 'thread', threadId: after.id } as const;
  tx.tell(outgoing(notifications.threadSettingsUpdated, announce(after), audience));
}
