import {
  ProtocolError,
  readObjective,
  type Constraints,
  type ObjectiveSections,
  type VerificationCommand,
} from '@goald/protocol';
import type { GoalRow } from '../store/repositories/goals.js';
import type { SetParams } from './goal-definition.js';
import { definitionOf } from './goal-record.js';

const MOST_REQUIREMENTS = 100;
const MOST_COMMANDS = 20;
const MOST_CHARS = 2000;
const MOST_TIMEOUT_SECONDS = 7200;

/**
 * A set with what the sections of its objective say, where its own fields say nothing. A section speaks when it is new or changed; one
 * that is gone takes away what it said, and nothing a client has set since. Throws invalid_params for sections over the limits.
 */
export function withSections(
  params: SetParams,
  objective: string | null,
  before: GoalRow | undefined,
): SetParams {
  if (objective === null) return params;
  const row = before?.status === 'complete' ? undefined : before;
  const said = readObjective(objective);
  const saidBefore = row === undefined ? null : readObjective(row.objective);
  const held = row === undefined ? null : definitionOf(row);
  const change = { ...params };
  const requirements = spoken(said.requirements, saidBefore?.requirements, held?.requirements, []);
  const verification = spoken(said.verification, saidBefore?.verification, held?.verification, []);
  const constraints = spoken(said.constraints, saidBefore?.constraints, held?.constraints, NONE);
  if (params.requirements == null && requirements !== undefined) {
    change.requirements = checkedRequirements(requirements);
  }
  if (params.verification == null && verification !== undefined) {
    change.verification = checkedCommands(verification);
  }
  if (params.constraints == null && constraints !== undefined) {
    change.constraints = checkedConstraints(constraints);
  }
  return change;
}

const NONE: Constraints = { paths: { allow: [], deny: [] }, notes: [] };

/** What a section sets its field to; undefined where it leaves it as it is. */
function spoken<T>(
  now: T | null,
  before: T | null | undefined,
  held: T | undefined,
  none: T,
): T | undefined {
  if (same(now, before ?? null)) return undefined;
  if (now !== null) return now;
  return same(held, before) ? none : undefined;
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

function checkedRequirements(items: NonNullable<ObjectiveSections['requirements']>): string[] {
  if (items.length > MOST_REQUIREMENTS) {
    throw over(
      'Requirements',
      `has ${String(items.length)} items, ${String(MOST_REQUIREMENTS)} are allowed`,
    );
  }
  for (const item of items) assertLength('Requirements', item);
  return [...items];
}

function checkedCommands(commands: readonly VerificationCommand[]): VerificationCommand[] {
  if (commands.length > MOST_COMMANDS) {
    throw over(
      'Verification',
      `has ${String(commands.length)} commands, ${String(MOST_COMMANDS)} are allowed: let one script run several`,
    );
  }
  for (const { name, timeoutSeconds } of commands) {
    if (timeoutSeconds < 1 || timeoutSeconds > MOST_TIMEOUT_SECONDS) {
      throw over(
        'Verification',
        `gives “${name}” ${String(timeoutSeconds)} seconds, 1 to ${String(MOST_TIMEOUT_SECONDS)} are allowed`,
      );
    }
  }
  return [...commands];
}

function checkedConstraints(constraints: Constraints): Constraints {
  for (const note of constraints.notes) assertLength('Constraints', note);
  return constraints;
}

function assertLength(section: string, text: string): void {
  if (text.length <= MOST_CHARS) return;
  throw over(
    section,
    `has an item of ${String(text.length)} characters, ${String(MOST_CHARS)} are allowed`,
  );
}

function over(section: string, problem: string): ProtocolError {
  const message = `The ${section} section of the objective ${problem}.`;
  return new ProtocolError('invalid_params', message, {
    issues: [{ path: ['objective'], message }],
  });
}
