const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gu;
/** Seconds or milliseconds since 1970, in this century. */
const isTime = (value: number): boolean =>
  (value > 1.7e9 && value < 4.2e9) || (value > 1.7e12 && value < 4.2e12);

/** Puts names in the place of what differs from run to run: ids by the order in which they appear, folders, times. */
export class NormalForm {
  readonly #ids = new Map<string, string>();
  readonly #folders: readonly (readonly [path: string, name: string])[];

  /** `folders`: path -> name. */
  constructor(folders: Readonly<Record<string, string>>) {
    this.#folders = Object.entries(folders).toSorted(([a], [b]) => b.length - a.length);
  }

  of(value: unknown): unknown {
    if (typeof value === 'string') return this.#text(value);
    if (typeof value === 'number') return isTime(value) ? '<time>' : value;
    if (Array.isArray(value)) return value.map((entry) => this.of(entry));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, entry]) => [this.#text(key), this.of(entry)]),
    );
  }

  #text(text: string): string {
    const local = this.#folders.reduce((so, [path, name]) => so.replaceAll(path, name), text);
    return local.replaceAll(UUID, (id) => {
      const name = this.#ids.get(id) ?? `<id ${String(this.#ids.size + 1)}>`;
      this.#ids.set(id, name);
      return name;
    });
  }
}

/** Where `ours` lacks or contradicts what `theirs` has, by path. What only ours has is no difference. */
export function differences(theirs: unknown, ours: unknown, path = ''): string[] {
  if (Array.isArray(theirs)) {
    if (!Array.isArray(ours)) return [`${path}: ${show(ours)} instead of a list`];
    if (ours.length !== theirs.length) {
      return [`${path}: ${String(ours.length)} entries instead of ${String(theirs.length)}`];
    }
    return theirs.flatMap((entry, index) =>
      differences(entry, ours[index], `${path}[${String(index)}]`),
    );
  }
  if (typeof theirs === 'object' && theirs !== null) {
    if (typeof ours !== 'object' || ours === null)
      return [`${path}: ${show(ours)} instead of ${show(theirs)}`];
    return Object.entries(theirs).flatMap(([key, entry]) =>
      key in ours
        ? differences(entry, (ours as Record<string, unknown>)[key], `${path}.${key}`)
        : [`${path}.${key}: missing, there ${show(entry)}`],
    );
  }
  return theirs === ours ? [] : [`${path}: ${show(ours)} instead of ${show(theirs)}`];
}

const show = (value: unknown): string =>
  value === undefined ? 'nothing' : JSON.stringify(value).slice(0, 120);
