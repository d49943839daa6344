const isContinuation = (byte: number | undefined): boolean =>
  byte !== undefined && (byte & 0xc0) === 0x80;

/** Keeps the head and the tail of an output of any length, in bytes, within `maxBytes`. */
export class CappedOutput {
  readonly #headMax: number;
  readonly #tailMax: number;
  #head: Buffer[] = [];
  #headBytes = 0;
  #tail: Buffer[] = [];
  #tailBytes = 0;
  #cutBytes = 0;

  constructor(maxBytes: number) {
    // Room for the marker.
    const room = Math.max(0, maxBytes - 100);
    this.#headMax = Math.floor(room / 2);
    this.#tailMax = room - this.#headMax;
  }

  get isTruncated(): boolean {
    return this.#cutBytes > 0;
  }

  add(chunk: Buffer): void {
    const toHead = chunk.subarray(0, this.#headMax - this.#headBytes);
    if (toHead.length > 0) {
      this.#head.push(toHead);
      this.#headBytes += toHead.length;
    }
    const toTail = chunk.subarray(toHead.length);
    if (toTail.length === 0) return;
    this.#tail.push(toTail);
    this.#tailBytes += toTail.length;
    this.#dropOld();
  }

  /** The text, with a marker where the middle was cut. */
  text(): string {
    const head = Buffer.concat(this.#head);
    const tail = Buffer.concat(this.#tail);
    if (!this.isTruncated) return Buffer.concat([head, tail]).toString('utf8');
    let headEnd = head.length;
    while (headEnd > 0 && isContinuation(head[headEnd - 1])) headEnd -= 1;
    const lastStart = headEnd > 0 && (head[headEnd - 1] ?? 0) >= 0xc0 ? headEnd - 1 : head.length;
    // A character whose end was cut shows as one replacement character otherwise.
    const isWhole = !head.subarray(lastStart).toString('utf8').includes('\uFFFD');
    const kept = head.subarray(0, isWhole ? head.length : lastStart);
    let tailStart = 0;
    while (tailStart < 3 && isContinuation(tail[tailStart])) tailStart += 1;
    const marker = `\n[… ${String(this.#cutBytes)} bytes cut …]\n`;
    return kept.toString('utf8') + marker + tail.subarray(tailStart).toString('utf8');
  }

  #dropOld(): void {
    let over = this.#tailBytes - this.#tailMax;
    if (over <= 0) return;
    this.#cutBytes += over;
    this.#tailBytes -= over;
    let gone = 0;
    for (const chunk of this.#tail) {
      if (chunk.length > over) {
        this.#tail[gone] = chunk.subarray(over);
        break;
      }
      over -= chunk.length;
      gone += 1;
      if (over === 0) break;
    }
    this.#tail.splice(0, gone);
  }
}
