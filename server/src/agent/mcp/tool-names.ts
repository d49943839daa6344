import { createHash } from 'node:crypto';

/** Longest name that providers take. */
export const LONGEST_NAME = 64;
const HASH_CHARS = 8;

export interface OwnName {
  readonly server: string;
  /** As the server names it. */
  readonly tool: string;
}

/**
 * Names for the model, in the order of `tools`: `mcp__<server>__<tool>` with only letters, digits, _ and -, no two the same. They depend
 * on which tools there are and not on their order: what clashes or is too long ends with a hash of its own name.
 */
export function modelNames(tools: readonly OwnName[]): readonly string[] {
  const plain = tools.map(plainName);
  const owners = new Map<string, number>();
  for (const name of plain) owners.set(name, (owners.get(name) ?? 0) + 1);
  const taken = new Set<string>();
  return tools.map((tool, at) => {
    const name = plain[at] ?? '';
    const isUnique = owners.get(name) === 1 && name.length <= LONGEST_NAME;
    let chosen = isUnique ? name : hashed(name, tool, 0);
    for (let salt = 1; taken.has(chosen); salt += 1) chosen = hashed(name, tool, salt);
    taken.add(chosen);
    return chosen;
  });
}

function plainName({ server, tool }: OwnName): string {
  return `mcp__${server}__${tool}`.replace(/[^A-Za-z0-9_-]/gu, '_');
}

function hashed(name: string, { server, tool }: OwnName, salt: number): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([server, tool, salt]))
    .digest('hex')
    .slice(0, HASH_CHARS);
  return `${name.slice(0, LONGEST_NAME - HASH_CHARS - 1)}_${hash}`;
}
