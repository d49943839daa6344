import { randomUUID } from 'node:crypto';
import type { ModelEvent } from '../../engine/ports/model.js';
import { filledOf, numberOf, objectOf, textOf, type JsonObject } from './json.js';

interface Call {
  readonly index: number | null;
  readonly id: string | null;
  name: string;
  arguments: string;
}

/** Tool calls of one chat response, put together from their pieces. */
export class ChatCalls {
  readonly #calls: Call[] = [];

  get size(): number {
    return this.#calls.length;
  }

  /** Takes one piece and answers what it says. Servers number the pieces, name the call's id in them, or both, or neither. */
  add(piece: JsonObject): string {
    const body = objectOf(piece['function']);
    const index = numberOf(piece['index']);
    const id = filledOf(piece['id']);
    const name = textOf(body['name']) ?? '';
    let call = this.#find(index, id, name);
    if (call === undefined) {
      call = { index, id, name: '', arguments: '' };
      this.#calls.push(call);
    }
    const isNamed = call.name !== '';
    if (!isNamed) call.name = name;
    const args = textOf(body['arguments']) ?? '';
    call.arguments += args;
    return isNamed ? args : name + args;
  }

  /** The calls as events, in order, each with an id. */
  whole(): readonly ModelEvent[] {
    return this.#calls.map((call) => ({
      type: 'toolCall',
      callId: call.id ?? `call_${randomUUID()}`,
      name: call.name,
      arguments: call.arguments,
    }));
  }

  #find(index: number | null, id: string | null, name: string): Call | undefined {
    if (id !== null) {
      const known = this.#calls.find((call) => call.id === id);
      if (known !== undefined) return known;
    }
    const same =
      index === null ? this.#calls.at(-1) : this.#calls.findLast((call) => call.index === index);
    // An index used again under another id is the start of another call.
    const other = id !== null && name !== '' && same?.id !== null;
    return other || (index === null && name !== '') ? undefined : same;
  }
}
