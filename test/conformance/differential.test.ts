import { beforeAll, describe, expect, it } from 'vitest';
import { whyDifferent, orderOf } from './support/known-differences.js';
import { differences } from './support/normal-form.js';
import { playScript, scriptedModel, type Step } from './support/rpc-script.js';
import { conformanceRun } from './support/run-options.js';
import { serveBoth } from './support/servers.js';

let ours: readonly Step[] = [];
let theirs: readonly Step[] = [];

beforeAll(async () => {
  await using both = await serveBoth(conformanceRun().program, scriptedModel);
  theirs = await playScript(both.reference);
  ours = await playScript(both.goald);
}, 120_000);

describe('the same script on both servers', () => {
  it('has the same answers, field by field', () => {
    const found = theirs.flatMap((step, index) =>
      differences(step.answer, ours[index]?.answer).map((text) => `${step.name} ${text}`),
    );
    expect(found.filter((text) => whyDifferent(text) === null)).toEqual([]);
  });

  it('brings the same notifications in the same order', () => {
    expect(ours.map(orderOf)).toEqual(theirs.map(orderOf));
  });

  it('and what they tell is the same, field by field', () => {
    const found = theirs.flatMap((step, index) => {
      const other = ours[index]?.heard ?? [];
      return orderOf(step).heard.flatMap((method, place) => {
        const nth = orderOf(step)
          .heard.slice(0, place)
          .filter((one) => one === method).length;
        const there = step.heard.filter((one) => one.method === method)[nth];
        const here = other.filter((one) => one.method === method)[nth];
        return differences(there?.params, here?.params).map(
          (text) => `${step.name} ${method} ${text}`,
        );
      });
    });
    expect(found.filter((text) => whyDifferent(text) === null)).toEqual([]);
  });
});
