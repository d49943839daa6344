import { resolve } from 'node:path';

/** Where a daemon listens. `port` 0 takes any free port. `path` is absolute. */
export type ListenAddress =
  | { readonly kind: 'websocket'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string };

/** One `--listen` value. `path` null is the home's own socket. */
export type ListenValue =
  | { readonly kind: 'websocket'; readonly host: string; readonly port: number }
  | { readonly kind: 'unix'; readonly path: string | null }
  | { readonly kind: 'off' }
  | { readonly kind: 'stdio' };

/** What all `--listen` values together ask for. */
export type ListenPlan =
  | { readonly mode: 'serve'; readonly addresses: readonly ListenAddress[] }
  | { readonly mode: 'forward' };

/** A `--listen` value that cannot be used; the message says what can. */
export class ListenAddressError extends Error {
  override readonly name = 'ListenAddressError';
}

const FORMS = 'Use ws://HOST:PORT, unix://, unix://PATH, stdio:// or off.';
const WS_VALUE = /^ws:\/\/(?:\[([0-9A-Fa-f:.%]+)\]|([^\s/:[\]@?#]+)):(\d{1,5})\/?$/;

/** Reads one `--listen` value. Throws ListenAddressError. */
export function parseListenValue(value: string): ListenValue {
  if (value === 'off') return { kind: 'off' };
  if (value === 'stdio://') return { kind: 'stdio' };
  if (value === 'unix://') return { kind: 'unix', path: null };
  if (value.startsWith('unix://')) return { kind: 'unix', path: value.slice('unix://'.length) };
  if (value.startsWith('wss://')) {
    throw new ListenAddressError(`goald does not speak TLS: ${value}. ${FORMS}`);
  }
  const match = WS_VALUE.exec(value);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined) {
    throw new ListenAddressError(`Not an address to listen on: ${value}. ${FORMS}`);
  }
  if (port > 65_535) {
    throw new ListenAddressError(
      `Not a port: ${port} in ${value}. Use 0 (any free port) to 65535.`,
    );
  }
  return { kind: 'websocket', host, port };
}

/**
 * Reads all `--listen` values. None at all means the home's socket. `off` and `stdio://` stand alone. Relative paths are resolved
 * against `cwd`. Throws ListenAddressError.
 */
export function planListening(
  values: readonly string[],
  options: { readonly cwd: string; readonly defaultSocket: string },
): ListenPlan {
  const parsed = (values.length === 0 ? ['unix://'] : values).map(parseListenValue);
  const addresses: ListenAddress[] = [];
  for (const value of parsed) {
    if (value.kind === 'off' || value.kind === 'stdio') {
      if (parsed.length === 1) continue;
      const name = value.kind === 'off' ? 'off' : 'stdio://';
      throw new ListenAddressError(`--listen ${name} cannot stand beside other --listen values.`);
    }
    if (value.kind === 'websocket') addresses.push(value);
    else {
      const path = value.path === null ? options.defaultSocket : resolve(options.cwd, value.path);
      addresses.push({ kind: 'unix', path });
    }
  }
  return parsed[0]?.kind === 'stdio' ? { mode: 'forward' } : { mode: 'serve', addresses };
}
