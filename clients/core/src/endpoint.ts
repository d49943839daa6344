import { readFile } from 'node:fs/promises';
import type { HomePaths } from '@goald/protocol';
import { GoaldError } from './errors.js';

/** Where a daemon listens. */
export type Endpoint =
  | { readonly kind: 'unix'; readonly path: string }
  | { readonly kind: 'ws'; readonly url: string; readonly loopback: boolean };

/** Reads `unix://`, `unix://PATH`, `ws://HOST:PORT` or `wss://…`. `unix://` alone is the home's socket. Throws `unreachable` for anything else. */
export function parseEndpoint(text: string, paths: HomePaths): Endpoint {
  if (text.startsWith('unix://')) {
    const path = text.slice('unix://'.length);
    return { kind: 'unix', path: path === '' ? paths.socket : path };
  }
  if (/^wss?:\/\//u.test(text) && URL.canParse(text)) {
    const url = new URL(text);
    return { kind: 'ws', url: url.href, loopback: isLoopback(url.hostname) };
  }
  throw new GoaldError(
    'unreachable',
    `"${text}" is no endpoint: use unix://, unix:///path/to/socket or ws://127.0.0.1:PORT.`,
  );
}

/** The endpoint as a person writes it. */
export function endpointName(endpoint: Endpoint): string {
  return endpoint.kind === 'unix' ? `unix://${endpoint.path}` : endpoint.url;
}

/** The home's token, or null where the daemon has not made one yet. */
export async function readToken(paths: HomePaths): Promise<string | null> {
  try {
    const token = (await readFile(paths.token, 'utf8')).trim();
    return token === '' ? null : token;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null;
    throw error;
  }
}

function isLoopback(hostname: string): boolean {
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d{1,3}){3}$/u.test(hostname);
}
