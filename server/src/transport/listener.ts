import { AddressListener, ListenError } from './address-listener.js';
import type { MessageChannel } from './channel.js';
import type { ListenAddress } from './listen-address.js';
import { isLoopback } from './loopback.js';
import { RequestGate } from './request-gate.js';

export interface ListenOptions {
  /** The token TCP clients must show. null (`--ws-auth none`): none is asked for, which only loopback addresses allow. */
  readonly token: string | null;
  readonly allowedOrigins: readonly string[];
  /** Host names beside the loopback ones and those listened on. */
  readonly allowedHosts: readonly string[];
  /** Answers /readyz. Must not throw. */
  readonly ready: () => boolean;
  /** Called with each attached client; attaches its listeners before it returns. Must not throw. */
  readonly onChannel: (channel: MessageChannel) => void;
}

/** Open listeners. Disposing them closes every channel (1001), waits for the close and removes the socket files. */
export interface Listeners extends AsyncDisposable {
  /** ws://HOST:PORT and unix://PATH, ports as they really are, in the order asked for. */
  readonly endpoints: readonly string[];
}

/** Listens on all `addresses` or, when one fails, on none. Throws ListenError or UnixSocketError. */
export async function listen(
  addresses: readonly ListenAddress[],
  options: ListenOptions,
): Promise<Listeners> {
  for (const address of addresses) refuseOpenDoor(address, options.token);
  const opened: AddressListener[] = [];
  const endpoints: string[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(opened.splice(0).map((listener) => listener[Symbol.asyncDispose]()));
  };
  try {
    for (const address of addresses) {
      const listener = new AddressListener(address, {
        gate: new RequestGate(gateOptions(address, options)),
        ready: options.ready,
        onChannel: options.onChannel,
      });
      endpoints.push(await listener.open());
      opened.push(listener);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return { endpoints, [Symbol.asyncDispose]: close };
}

function gateOptions(
  address: ListenAddress,
  options: ListenOptions,
): ConstructorParameters<typeof RequestGate>[0] {
  const { allowedOrigins, allowedHosts, token } = options;
  // No name resolves to a Unix socket and its file mode says who may connect.
  if (address.kind === 'unix') return { allowedOrigins, allowedHosts: null, token: null };
  return { allowedOrigins, allowedHosts: [...allowedHosts, address.host], token };
}

function refuseOpenDoor(address: ListenAddress, token: string | null): void {
  if (address.kind === 'websocket' && token === null && !isLoopback(address.host)) {
    throw new ListenError(
      `Listening on ${address.host} without a token would let anyone on the network run commands. ` +
        'Drop --ws-auth none, or listen on 127.0.0.1.',
    );
  }
}
