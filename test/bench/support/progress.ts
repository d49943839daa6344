/** Says on stderr what is being done: one line that changes on a terminal, lines elsewhere. */
export class Progress {
  readonly #startedAt = performance.now();
  readonly #live = process.stderr.isTTY;

  say(text: string): void {
    const seconds = Math.round((performance.now() - this.#startedAt) / 1000);
    const line = `${String(seconds).padStart(4)} s  ${text}`;
    process.stderr.write(this.#live ? `\r\u001B[K${line}` : `${line}\n`);
  }

  /** A line that stays. */
  note(text: string): void {
    process.stderr.write(this.#live ? `\r\u001B[K${text}\n` : `${text}\n`);
  }

  end(): void {
    if (this.#live) process.stderr.write('\r\u001B[K');
  }

  get seconds(): number {
    return (performance.now() - this.#startedAt) / 1000;
  }
}
