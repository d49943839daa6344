import { matchEvidence } from '@goald/server/engine/gate/evidence-match.js';
import { describe, expect, it } from 'vitest';

const REQUIREMENTS = ['No new dependency', 'The parser accepts quoted newlines'];

function missing(...criteria: string[]): readonly string[] {
  const evidence = criteria.map((criterion) => ({ criterion, proof: 'see there' }));
  return matchEvidence(REQUIREMENTS, evidence).missing;
}

describe('evidence', () => {
  it('is for the requirement whose words it says, however they are written', () => {
    expect(missing('no new dependency.', 'Parser accepts quoted newlines')).toEqual([]);
    expect(
      missing('Requirement: NO NEW DEPENDENCY', 'quoted newlines: the parser accepts'),
    ).toEqual([]);
  });

  it('may name a requirement by its number', () => {
    expect(missing('1', 'R2')).toEqual([]);
    expect(missing('Requirement 1: dependencies', '#2')).toEqual([]);
    expect(missing('2')).toEqual(['No new dependency']);
    expect(missing('100 % of tests pass', '2 files changed')).toEqual(REQUIREMENTS);
  });

  it('is for one requirement only', () => {
    const twins = ['The parser accepts numbers', 'The parser accepts numbers in quotes'];
    const evidence = [{ criterion: 'The parser accepts numbers', proof: 'x' }];
    expect(matchEvidence(twins, evidence).missing).toEqual([twins[1]]);
  });

  it('of something else leaves the requirements without', () => {
    expect(missing('done', 'tests pass', 'it', '')).toEqual(REQUIREMENTS);
  });

  it('is kept as it came, with its requirement where it has one', () => {
    const evidence = [
      { criterion: 'no new dependency', proof: 'package.json' },
      { criterion: 'style', proof: 'lint' },
    ];
    expect(matchEvidence(REQUIREMENTS, evidence).evidence).toEqual([
      { ...evidence[0], requirement: 'No new dependency' },
      evidence[1],
    ]);
    expect(matchEvidence([], evidence)).toEqual({ evidence, missing: [] });
  });
});
