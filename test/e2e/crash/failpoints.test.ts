import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { sourcesUnder, walk } from '../../arch/sources.js';
import { Chance } from '../../helpers/wire/chance.js';
import { CrashWorld } from './support/crash-world.js';
import { REACHED_IN, REACHED_IN_RECOVERY } from './support/reached-in.js';
import { work } from './support/scenarios/work.js';

const chance = new Chance(2026);

/** Every name the daemon's sources give to `failpoint`. */
function namesInSources(): string[] {
  const names = new Set<string>();
  for (const file of sourcesUnder('server/src')) {
    walk(file, (node) => {
      if (!ts.isCallExpression(node) || !/(^|\.#?)failpoint$/u.test(node.expression.getText()))
        return;
      const [name] = node.arguments;
      if (name !== undefined && ts.isStringLiteralLike(name)) names.add(name.text);
    });
  }
  return [...names].toSorted();
}

it('each failpoint of the daemon has a place here', () => {
  const known = [...Object.keys(REACHED_IN), ...REACHED_IN_RECOVERY].toSorted();
  expect(known).toEqual(namesInSources());
});

const TIMEOUT_MS = 90_000;

describe('kill -9 at a failpoint loses nothing, charges nothing twice and runs no turn twice', () => {
  it.each(Object.entries(REACHED_IN))('%s', { timeout: TIMEOUT_MS }, async (name, scenario) => {
    await using world = await CrashWorld.open(scenario);
    // A request or a call is the first of its goal, or a later one.
    const pass = /^(request|tool)/u.test(name) ? chance.between(1, 2) : 1;
    expect(await world.live({ at: `${name}:${String(pass)}` })).toBe(true);
    expect(await world.live(null)).toBe(false);
    world.check();
  });

  it.each(REACHED_IN_RECOVERY)('%s', { timeout: TIMEOUT_MS }, async (name) => {
    await using world = await CrashWorld.open(work);
    expect(await world.live({ at: `tool.beforeOutput:${String(chance.between(1, 2))}` })).toBe(
      true,
    );
    expect(await world.live({ at: name })).toBe(true);
    expect(await world.live(null)).toBe(false);
    world.check();
  });
});
