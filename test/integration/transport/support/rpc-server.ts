import { join } from 'node:path';
import { ProtocolError, requests, type RequestName } from '@goald/protocol';
import { RpcConnection } from '@goald/server/rpc/connection.js';
import { ConnectionSet } from '@goald/server/rpc/connection-set.js';
import { Router, type HandlerTable } from '@goald/server/rpc/router.js';
import { listen, type ListenOptions } from '@goald/server/transport/listener.js';
import { onTestFinished } from 'vitest';
import { tempFolder } from './temp-folder.js';

export const TOKEN = 'test-token-test-token';

export interface Incident {
  readonly id: string;
  readonly error: unknown;
  readonly method: string;
}

export interface RpcServer {
  readonly port: number;
  readonly url: string;
  readonly socketPath: string;
  readonly endpoints: readonly string[];
  readonly connections: ConnectionSet;
  readonly incidents: Incident[];
  stop(): Promise<void>;
}

/** The transports and the router over real sockets, with the handlers of one test. Stops with the test. */
export async function startRpcServer(
  handlers: Partial<HandlerTable> = {},
  options: Partial<ListenOptions> & { notServed?: ReadonlyMap<string, string> } = {},
): Promise<RpcServer> {
  const socketPath = join(await tempFolder(), 'run', 's.sock');
  const connections = new ConnectionSet();
  const incidents: Incident[] = [];
  const router = new Router({
    handlers: { ...refusals(), initialize: initializeHandler, ...handlers },
    notServed: options.notServed,
    onIncident: (id, error, method) => incidents.push({ id, error, method }),
  });
  const listeners = await listen(
    [
      { kind: 'websocket', host: '127.0.0.1', port: 0 },
      { kind: 'unix', path: socketPath },
    ],
    {
      token: TOKEN,
      allowedOrigins: [],
      allowedHosts: [],
      ready: () => true,
      onChannel: (channel) => {
        connections.add(new RpcConnection(channel, router));
      },
      ...options,
    },
  );
  const url = listeners.endpoints[0] ?? '';
  const stop = async (): Promise<void> => {
    await listeners[Symbol.asyncDispose]();
  };
  onTestFinished(stop);
  return {
    port: Number(new URL(url).port),
    url,
    socketPath,
    endpoints: listeners.endpoints,
    connections,
    incidents,
    stop,
  };
}

const initializeHandler: HandlerTable['initialize'] = (params, { session }) => {
  session.initialize(params.clientInfo, params.capabilities);
  return {
    userAgent: 'goald-test',
    codexHome: '/home',
    platformFamily: 'unix',
    platformOs: 'linux',
    serverInfo: { name: 'goald', version: '0', protocolVersion: '1.0.0' },
    storeEpoch: 'e',
    headSeq: 0,
  };
};

function refusals(): Record<RequestName, () => never> {
  const refuse = (): never => {
    throw new ProtocolError('feature_disabled', 'Not in this test.');
  };
  return Object.fromEntries(Object.keys(requests).map((name) => [name, refuse])) as Record<
    RequestName,
    () => never
  >;
}
