import { CommandError } from '../failures.js';

/** The id that `ref` is, begins or ends. `noun` and `see` name for a person what there is and which command lists it. */
export function pickById(ids: readonly string[], ref: string, noun: string, see: string): string {
  if (ids.includes(ref)) return ref;
  const matches = ids.filter((id) => id.startsWith(ref) || id.endsWith(ref));
  const [only] = matches;
  if (only !== undefined && matches.length === 1) return only;
  throw new CommandError(
    only === undefined
      ? `The goal has no ${noun} "${ref}". See: ${see}`
      : `"${ref}" names several; write more of the id. See: ${see}`,
  );
}
