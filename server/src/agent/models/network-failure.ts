import { objectOf, textOf } from './json.js';

/** A failure below HTTP. */
interface NetworkFailure {
  readonly kind: 'transient' | 'permanent';
  readonly message: string;
  readonly mayHaveCost: boolean;
}

const UNREACHED: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'it refused the connection; is it running?'],
  ['ENOTFOUND', 'its name is not known; check OPENAI_BASE_URL and the network'],
  ['EAI_AGAIN', 'its name could not be looked up; check the network'],
  ['EHOSTUNREACH', 'there is no route to it'],
  ['ENETUNREACH', 'there is no network'],
  ['EHOSTDOWN', 'its host is down'],
  ['UND_ERR_CONNECT_TIMEOUT', 'it did not accept the connection in time'],
]);
const CERTIFICATE =
  /^(?:CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|ERR_TLS_CERT_|HOSTNAME_MISMATCH)/;

/** What an error of fetch or of a socket means, found by the codes along its causes. */
export function networkFailure(error: unknown, server: string): NetworkFailure {
  const chain = causesOf(error);
  const codes = chain.map((link) => textOf(objectOf(link)['code'])).filter((code) => code !== null);
  for (const code of codes) {
    const reason = UNREACHED.get(code);
    if (reason !== undefined) {
      return {
        kind: 'transient',
        message: `Cannot reach ${server}: ${reason} (${code})`,
        mayHaveCost: false,
      };
    }
    if (CERTIFICATE.test(code) || code === 'ERR_INVALID_URL') {
      return {
        kind: 'permanent',
        message: `Cannot talk to ${server}: ${deepest(chain)} (${code})`,
        mayHaveCost: false,
      };
    }
  }
  const code = codes.at(-1);
  return {
    kind: 'transient',
    message: `The connection to ${server} broke: ${deepest(chain)}${code === undefined ? '' : ` (${code})`}`,
    mayHaveCost: true,
  };
}

/** An error and what it came of, outermost first. */
export function causesOf(error: unknown): readonly unknown[] {
  const chain: unknown[] = [];
  for (let link = error; link !== undefined && link !== null && chain.length < 8;) {
    chain.push(link);
    link = link instanceof AggregateError ? link.errors[0] : objectOf(link)['cause'];
  }
  return chain;
}

function deepest(chain: readonly unknown[]): string {
  for (const link of [...chain].reverse()) {
    const message = textOf(objectOf(link)['message']);
    if (message !== null && message !== '') return message;
  }
  return 'no reason given';
}
