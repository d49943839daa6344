import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { notifications, requests, type Turn } from '@goald/protocol';
import { eventually } from '../../../helpers/eventually.js';
import type { ScriptedReply } from '../../../helpers/model-server/index.js';
import type { ApiWorld, Place } from '../../api/support/api-world.js';
import { input, runs } from '../../api/support/scripts.js';

/** What commands of these tests leave is ignored by git: it is no change of the tree. */
export const FILES = { 'a.txt': 'one\n', '.gitignore': 'out*\nAGENTS.md\n' };

/** Does not end by SIGTERM, and says when it gets one. */
export const DEAF = runs(
  "trap 'touch out.term' TERM; touch out.begun; while :; do sleep 0.05; done",
);

/** Leaves a process behind that SIGTERM does not end: the turn takes the whole grace to end. */
export const LEAVES_DEAF: ScriptedReply = runs(
  "(trap '' TERM; touch out.deaf; exec sleep 60) >/dev/null 2>&1 & while [ ! -e out.deaf ]; do sleep 0.02; done",
);

/** A command that says that it runs, then waits until it may end. */
export const WAITS = 'touch out.begun; while [ ! -e out.go ]; do sleep 0.02; done';

/** Waits until a command has made this file in the repository. */
export async function made(place: Place, file: string): Promise<void> {
  await eventually(`${file} is there`, () => existsSync(join(place.repository, file)));
}

/** Lets a command go on that waits for this file. */
export async function make(place: Place, file: string): Promise<void> {
  await writeFile(join(place.repository, file), '');
}

/** Gives the repository instructions that take a while to read: the first request of the thread is long in preparation. */
export async function slowToPrepare(place: Place): Promise<void> {
  const blank = Buffer.alloc(48 * 1024 * 1024, ' ');
  await writeFile(join(place.repository, 'AGENTS.md'), blank);
}

/** Says something in a thread; answers the turn that hears it. */
export async function say(world: ApiWorld, place: Place, text: string): Promise<Turn> {
  const { threadId } = place;
  return (await world.ws.request(requests.turnStart, { threadId, input: input(text) })).turn;
}

/** Waits until a turn has ended. */
export async function ended(world: ApiWorld, turnId: string): Promise<Turn> {
  const fits = (params: { turn: Turn }): boolean => params.turn.id === turnId;
  return (await world.ws.until(notifications.turnCompleted, fits)).turn;
}

/** Turns of this thread that have started. */
export function startedTurns(world: ApiWorld, place: Place): readonly Turn[] {
  return world.ws
    .all(notifications.turnStarted)
    .filter((params) => params.threadId === place.threadId)
    .map((params) => params.turn);
}

/** Waits until a request of this thread carries these words. */
export async function heard(place: Place, words: string): Promise<void> {
  await eventually(
    `a request carries ${words}`,
    () => place.asked().some((request) => request.rawBody.includes(words)),
    5000,
  );
}

/** Lets the daemon do what it has to do at once: another thread gets a whole turn. */
export async function aTurnElsewhere(world: ApiWorld): Promise<void> {
  const place = await world.place(() => ({ text: 'Hello.' }));
  await ended(world, (await say(world, place, 'Hi')).id);
}
