import type { PromptInput } from './prompt-input.js';

const TITLE_CHARS = 80;

/** What is said once in a session, with its first message. */
export class Opening {
  /** What the user should know before the first answer. */
  #notices: readonly string[];
  #titled = false;

  constructor(notices: readonly string[]) {
    this.#notices = notices;
  }

  /** The thread has a past, and with that a title. */
  skipTitle(): void {
    this.#titled = true;
  }

  /** What is to be said with this message; nothing the second time. */
  say(input: PromptInput): { readonly notices: readonly string[]; readonly title: string | null } {
    const said = { notices: this.#notices, title: this.#titled ? null : titleOf(input) };
    this.#notices = [];
    this.#titled = true;
    return said;
  }
}

function titleOf({ text }: PromptInput): string {
  const [line = ''] = text.replace(/^\/goal\s+/u, '').split('\n');
  return line.slice(0, TITLE_CHARS);
}
