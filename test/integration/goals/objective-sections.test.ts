import type { Goal } from '@goald/protocol';
import type { SetParams } from '@goald/server/goals/goal-definition.js';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeOf } from './support/goal-in.js';
import { byUser, openWorld, type World } from './support/world.js';

const THREAD = 'thread';
const SECTIONED = [
  'The import works.',
  '',
  '## Requirements',
  '- Newlines are kept',
  '',
  '## Verification',
  '- Unit: `npm test`',
  '',
  '## Constraints',
  '- Keep the style',
].join('\n');
const command = (name: string) => ({ name, command: name, timeoutSeconds: 60 });

let world: World;
beforeEach(() => {
  world = openWorld();
  world.thread(THREAD);
});
afterEach(() => {
  world[Symbol.dispose]();
});

const set = (params: Omit<SetParams, 'threadId'>): Goal =>
  world.goals.set({ threadId: THREAD, ...params }, byUser());

describe('the sections of an objective a user sets', () => {
  it('fill the goal’s fields, and its text stays as it was written', () => {
    expect(set({ objective: `  ${SECTIONED}\n` })).toMatchObject({
      objective: SECTIONED,
      requirements: ['Newlines are kept'],
      verification: [{ name: 'Unit', command: 'npm test', timeoutSeconds: 600 }],
      constraints: { paths: { allow: [], deny: [] }, notes: ['Keep the style'] },
    });
  });

  it('give way to what the set itself says, field by field', () => {
    expect(
      set({ objective: SECTIONED, verification: [command('make')], requirements: [] }),
    ).toMatchObject({
      requirements: [],
      verification: [{ command: 'make' }],
      constraints: { notes: ['Keep the style'] },
    });
  });

  it('are read again when the text is edited', () => {
    set({ objective: SECTIONED });
    const edited = SECTIONED.replace('npm test', 'make check').replace(
      '- Newlines are kept',
      '- A\n- B',
    );
    expect(set({ objective: edited })).toMatchObject({
      requirements: ['A', 'B'],
      verification: [{ name: 'Unit', command: 'make check' }],
      constraints: { notes: ['Keep the style'] },
    });
  });

  it('take away what they said when they are taken out', () => {
    set({ objective: SECTIONED });
    expect(set({ objective: 'The import works.' })).toMatchObject({
      requirements: [],
      verification: [],
      constraints: { notes: [] },
    });
  });

  it('do not undo what a client has set since', () => {
    set({ objective: SECTIONED });
    set({ verification: [command('make')] });
    const same = { verification: [{ command: 'make' }], requirements: ['Newlines are kept'] };
    expect(set({ objective: SECTIONED, status: 'active' })).toMatchObject(same);
    expect(set({ objective: SECTIONED.replace('works', 'is fast') })).toMatchObject(same);
    expect(set({ objective: 'The import works.' })).toMatchObject({
      requirements: [],
      verification: [{ command: 'make' }],
    });
  });

  it('that are not there leave what a client has set', () => {
    set({ objective: 'It works.', verification: [command('make')], requirements: ['r'] });
    expect(set({ objective: 'It works well.' })).toMatchObject({
      verification: [{ command: 'make' }],
      requirements: ['r'],
    });
  });

  it('of a complete goal are not those of the next', () => {
    set({ objective: SECTIONED });
    set({ status: 'complete' });
    expect(set({ objective: 'Another.' })).toMatchObject({ requirements: [], verification: [] });
  });

  it.each([
    [
      'too many commands',
      `# Verification\n${Array.from({ length: 21 }, (_, at) => `- \`npm run t${String(at)}\``).join('\n')}`,
      /21 commands, 20/u,
    ],
    ['a timeout over two hours', '# Verification\n- `npm test` (timeout 3 h)', /10800 seconds/u],
    ['too many requirements', `# Requirements\n${'- r\n'.repeat(101)}`, /101 items, 100/u],
    ['a long requirement', `# Requirements\n- ${'r'.repeat(2001)}`, /2001 characters/u],
    ['a long note', `# Constraints\n- ${'n'.repeat(2001)}`, /2001 characters/u],
  ])('with %s are refused, and no goal is made', (_what, objective, says) => {
    expect(codeOf(() => set({ objective }))).toBe('invalid_params');
    expect(() => set({ objective })).toThrow(says);
    expect(world.goals.get(THREAD)).toBeNull();
  });

  it('over the limits do not matter where the set says it itself', () => {
    const objective = '# Verification\n- `npm test` (timeout 3 h)';
    expect(set({ objective, verification: [command('make')] }).status).toBe('active');
  });
});
