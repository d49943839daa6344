import { accessSync, constants, existsSync, lstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { HomePaths } from '@goald/protocol';
import { fail, ok, warn, type Check } from './finding.js';

const OTHERS = 0o077;

/** Folder, token and socket of a home. */
export function homeChecks(paths: HomePaths): readonly Check[] {
  return [
    { id: 'home', run: () => homeFinding(paths.state) },
    { id: 'token', run: () => tokenFinding(paths.token) },
    { id: 'socket', run: () => socketFinding(paths.socket) },
  ];
}

function homeFinding(state: string): ReturnType<Check['run']> {
  const stat = statSync(state, { throwIfNoEntry: false });
  if (stat === undefined) return ok(`${state} is not there yet; the first start makes it`);
  if (!stat.isDirectory()) {
    return fail(`${state} is no folder`, 'Move it away, or choose another --home.');
  }
  try {
    accessSync(state, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return fail(`${state} cannot be written`, `Make it yours: chown it, and chmod 700 "${state}".`);
  }
  return (stat.mode & OTHERS) === 0
    ? ok(state)
    : warn(`other users may look into ${state}`, `chmod 700 "${state}"`);
}

function tokenFinding(token: string): ReturnType<Check['run']> {
  const stat = statSync(token, { throwIfNoEntry: false });
  if (stat === undefined) return ok('no token yet; the first start makes one');
  if (stat.size < 16)
    return fail(`${token} holds no token`, 'Delete it; the next start makes one.');
  return (stat.mode & OTHERS) === 0
    ? ok('only you can read it')
    : fail(
        `other users may read ${token}`,
        `Delete it and start goald again: the token may be known. Or chmod 600 "${token}" if nobody else uses this machine.`,
      );
}

function socketFinding(socket: string): ReturnType<Check['run']> {
  const stat = lstatSync(socket, { throwIfNoEntry: false });
  if (stat === undefined) return ok(`${socket} is not there; a daemon makes it when it starts`);
  if (!stat.isSocket()) {
    return fail(`${socket} is no socket`, 'Move it away: goald cannot listen there.');
  }
  const folder = dirname(socket);
  const isOpen = existsSync(folder) && (statSync(folder).mode & OTHERS) !== 0;
  return isOpen && (stat.mode & OTHERS) !== 0
    ? warn(`other users may reach ${socket}`, `chmod 700 "${folder}"`)
    : ok(socket);
}
