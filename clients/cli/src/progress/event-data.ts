/** Careful reading of `data` of a durable event: another version of the daemon may have left something out. */
export class EventData {
  readonly #data: Readonly<Record<string, unknown>>;

  constructor(data: unknown) {
    this.#data = isRecord(data) ? data : {};
  }

  text(key: string): string | null {
    const value = this.#data[key];
    return typeof value === 'string' ? value : null;
  }

  number(key: string): number | null {
    const value = this.#data[key];
    return typeof value === 'number' && Number.isFinite(value) ? value : null;
  }

  flag(key: string): boolean {
    return this.#data[key] === true;
  }

  part(key: string): EventData {
    return new EventData(this.#data[key]);
  }

  texts(key: string): readonly string[] {
    const value = this.#data[key];
    return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
  }

  list(key: string): readonly EventData[] {
    const value = this.#data[key];
    return Array.isArray(value) ? value.map((entry) => new EventData(entry)) : [];
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
