import { findRequest, notifications, requests } from '@goald/protocol';
import type { Chance } from './chance.js';

/** One message nobody should send, without line breaks, and what the table says it is answered with. */
export interface HostileMessage {
  readonly bytes: Buffer;
  /** `id code data.code`, or null for what is not answered. */
  readonly answer: string | null;
}

type Id = string | number | null;
type Maker = (chance: Chance, id: Id, open: boolean) => HostileMessage;

const refusal = (id: Id): string => answerText(id, -32600, 'invalid_request');
const PARSE_ERROR = answerText(null, -32700, 'parse_error');

/** An answer in few words, for comparing. */
export function answerText(id: unknown, code: number, dataCode: unknown): string {
  return `${JSON.stringify(id)} ${String(code)} ${String(dataCode)}`;
}

/**
 * A malformed, cut, over-nested, over-full or wrongly ordered message. `serial` makes its id unique. `open`: the connection was
 * initialized.
 */
export function hostileMessage(chance: Chance, serial: number, open: boolean): HostileMessage {
  const id = chance.next() < 0.5 ? serial : `s${String(serial)}`;
  return chance.pick(MAKERS)(chance, id, open);
}

const MAKERS: readonly [Maker, ...Maker[]] = [
  (chance) => {
    const text = validText(chance, 7);
    return message(text.slice(0, chance.between(1, text.length - 1)), PARSE_ERROR);
  },
  (chance) => message(`?${garbage(chance)}`, PARSE_ERROR),
  (chance) => {
    const text = Buffer.from(validText(chance, 7));
    const at = text.indexOf('"method"') + 2;
    const bad = Buffer.of(chance.pick([0xff, 0xc0, 0x80, 0xf8]));
    return {
      bytes: Buffer.concat([text.subarray(0, at), bad, text.subarray(at)]),
      answer: PARSE_ERROR,
    };
  },
  (chance, id) => {
    const depth = chance.between(128, 3000);
    const params = '['.repeat(depth) + ']'.repeat(depth);
    const fields = [`"id":${JSON.stringify(id)}`, '"method":"x"', `"params":${params}`];
    if (chance.next() < 0.5) fields.reverse();
    return message(`{${fields.join(',')}}`, refusal(id));
  },
  (chance) => message('{"a":'.repeat(chance.between(200, 3000)), PARSE_ERROR),
  (chance, id) => message(`[${validText(chance, id)},${validText(chance, id)}]`, refusal(null)),
  (chance) => message(chance.pick(['7', 'null', 'true', '"text"', '[]', '-1.5e3']), refusal(null)),
  (chance, id) => {
    const method = chance.pick(['4', 'null', '{}', '[]', 'false']);
    return message(`{"id":${JSON.stringify(id)},"method":${method}}`, refusal(id));
  },
  (chance) => {
    const id = chance.pick(['null', 'true', '{}', '[1]', '1e999', '9007199254740993']);
    return message(`{"method":"x","id":${id}}`, refusal(null));
  },
  (_chance, id) => message(JSON.stringify({ jsonrpc: '2.0', id }), refusal(id)),
  (chance, id) => {
    const values = Array.from({ length: 20_001 }, () => chance.between(0, 9)).join(',');
    const text = `{"id":${JSON.stringify(id)},"method":"x","params":[${values}]}`;
    // One in forty: each is as long as all the others together.
    return chance.next() < 0.025 ? message(text, refusal(id)) : message('{}', refusal(null));
  },
  (chance, id) => {
    const outcome = chance.pick([{ result: {} }, { error: { code: 1, message: 'm' } }]);
    return message(JSON.stringify({ id, ...outcome }), null);
  },
  (chance) => {
    const method = chance.pick([
      `no/${garbage(chance)}`,
      '$/progress',
      notifications.goalEvent.method,
      requests.threadStart.method,
    ]);
    return message(
      JSON.stringify({ method, params: chance.pick<unknown>([{}, [], null, 3]) }),
      null,
    );
  },
  (chance, id) => {
    const params = chance.pick([null, {}, { id: null }, { id: `gone-${String(id)}` }, [], 'x']);
    return message(JSON.stringify({ method: '$/cancelRequest', params }), null);
  },
  (chance, id, open) => {
    const method = chance.pick([
      'nobody/knows',
      '',
      'constructor',
      '__proto__',
      'toString',
      'thread',
    ]);
    const answer = open ? answerText(id, -32601, 'method_not_found') : notInitialized(id);
    return message(JSON.stringify({ id, method }), answer);
  },
  (chance, id, open) => {
    const method = chance.pick([
      requests.threadGoalGet.method,
      requests.threadGoalSet.method,
      requests.turnStart.method,
      requests.goalWait.method,
      requests.threadNameSet.method,
    ]);
    const params = chance.pick<unknown>([
      {},
      [],
      5,
      'x',
      { threadId: 5 },
      { threadId: null },
      null,
    ]);
    const answer = open ? answerText(id, -32602, 'invalid_params') : notInitialized(id);
    return message(JSON.stringify({ id, method, params }), answer);
  },
  (chance, id, open) => {
    if (open) {
      const params = chance.pick<unknown>([{ clientInfo: { name: 'again', version: '1' } }, {}, 4]);
      const text = JSON.stringify({ id, method: requests.initialize.method, params });
      return message(text, answerText(id, -32600, 'already_initialized'));
    }
    const params = chance.pick<unknown>([{}, { clientInfo: null }, { clientInfo: { name: '' } }]);
    const text = JSON.stringify({ id, method: requests.initialize.method, params });
    return message(text, answerText(id, -32602, 'invalid_params'));
  },
];

function message(text: string, answer: string | null): HostileMessage {
  return { bytes: Buffer.from(text), answer };
}

function notInitialized(id: Id): string {
  return answerText(id, -32600, 'not_initialized');
}

function validText(chance: Chance, id: Id): string {
  const methods = Object.values(requests).map(({ method }): string => method);
  const method = methods[chance.between(0, methods.length - 1)] ?? '';
  const summary = findRequest(method)?.summary ?? '';
  return JSON.stringify({ jsonrpc: '2.0', id, method, params: { threadId: 't', summary } });
}

function garbage(chance: Chance): string {
  const length = chance.between(0, 60);
  const codes = Array.from({ length }, () => chance.between(0x20, 0x7e));
  return String.fromCharCode(...codes);
}
