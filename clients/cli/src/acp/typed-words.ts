import { textOf } from '@goald/protocol';
import type { UserMessage } from './transcript.js';

/** What was typed in this editor, which shows it already. */
export class TypedWords {
  /** Ids of messages and words of answers. */
  readonly #typed = new Set<string>();

  add(idOrWords: string): void {
    this.#typed.add(idOrWords);
  }

  /** Whether a message is one of them; it is forgotten then. The daemon puts the question before an answer. */
  take({ clientId, content }: UserMessage): boolean {
    if (clientId !== null) return this.#typed.delete(clientId);
    const text = textOf(content);
    const answer = [...this.#typed].find((typed) => text.endsWith(typed));
    return answer !== undefined && this.#typed.delete(answer);
  }
}
