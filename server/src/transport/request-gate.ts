import type { IncomingMessage } from 'node:http';
import { isAuthorized } from './auth.js';
import { isLoopback } from './loopback.js';

export interface GateOptions {
  /** Web origins that may connect, as browsers write them. */
  readonly allowedOrigins: readonly string[];
  /** Host names a client may have used to reach us, beside loopback ones and our own address. null: not checked (no name led here). */
  readonly allowedHosts: readonly string[] | null;
  /** The token an upgrade must show. null: none is asked for. */
  readonly token: string | null;
}

export interface Refusal {
  readonly status: 401 | 403;
  readonly message: string;
}

/** Decides which HTTP requests may go on. A web page must not reach the daemon, neither directly nor by DNS rebinding. */
export class RequestGate {
  readonly #origins: ReadonlySet<string>;
  readonly #hosts: ReadonlySet<string> | null;
  readonly #token: string | null;

  constructor(options: GateOptions) {
    this.#origins = new Set(options.allowedOrigins.map(normalizeOrigin));
    this.#hosts =
      options.allowedHosts === null
        ? null
        : new Set(options.allowedHosts.map((host) => host.toLowerCase()));
    this.#token = options.token;
  }

  /** What every request must pass: undefined, or why it is refused. */
  checkRequest(request: IncomingMessage): Refusal | undefined {
    const origin = request.headers.origin;
    if (origin !== undefined && !this.#origins.has(normalizeOrigin(origin))) {
      return {
        status: 403,
        message: 'This web origin may not connect. Add it to transport.allowedOrigins to let it.',
      };
    }
    if (!this.#isOurHost(request)) {
      return {
        status: 403,
        message: 'The Host header is not one of ours. Add it to transport.allowedHosts to let it.',
      };
    }
    return undefined;
  }

  /** What an upgrade must pass besides. */
  checkUpgrade(request: IncomingMessage): Refusal | undefined {
    if (this.#token === null || isAuthorized(request.headers.authorization, this.#token)) {
      return undefined;
    }
    return {
      status: 401,
      message:
        'Send the token of the daemon as "Authorization: Bearer TOKEN"; `goal token` prints it.',
    };
  }

  #isOurHost(request: IncomingMessage): boolean {
    if (this.#hosts === null) return true;
    const host = hostName(request.headers.host);
    if (host === undefined) return false;
    // The address the client really reached cannot be a name that was bent to point here.
    return (
      isLoopback(host) ||
      this.#hosts.has(host) ||
      host === plainAddress(request.socket.localAddress)
    );
  }
}

function hostName(header: string | undefined): string | undefined {
  const match = /^(?:\[([0-9a-f:.]+)\]|([^\s:[\]]+))(?::\d{1,5})?$/i.exec(header ?? '');
  return (match?.[1] ?? match?.[2])?.toLowerCase();
}

function plainAddress(address: string | undefined): string | undefined {
  return address?.toLowerCase().replace(/^::ffff:/, '');
}

function normalizeOrigin(origin: string): string {
  return origin.toLowerCase().replace(/\/$/, '');
}
