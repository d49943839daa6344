const THREAD = { threadId: '$THREAD' };

/** A request of each kind that is in order, on a thread with a paused goal. */
export const GOOD: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  'thread/start': { cwd: '$CWD' },
  'thread/resume': THREAD,
  'thread/archive': THREAD,
  'thread/unarchive': THREAD,
  'thread/delete': THREAD,
  'thread/unsubscribe': THREAD,
  'thread/name/set': { ...THREAD, name: 'A name' },
  'thread/goal/set': { ...THREAD, objective: 'Another one', status: 'paused' },
  'thread/goal/get': THREAD,
  'thread/goal/clear': THREAD,
  'thread/list': {},
  'thread/loaded/list': {},
  'thread/read': THREAD,
  'thread/turns/list': THREAD,
  'turn/start': { ...THREAD, input: [{ type: 'text', text: 'Hello' }] },
  'turn/steer': { ...THREAD, expectedTurnId: 'none', input: [{ type: 'text', text: 'Hello' }] },
  'turn/interrupt': { ...THREAD, turnId: 'none' },
  initialize: { clientInfo: { name: 'again', version: '0' } },
};
