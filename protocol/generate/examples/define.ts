import type { Message, ParamsInput } from '@goald/protocol';

/** A message that goald refuses, and why. */
export interface RefusedExample {
  readonly params: unknown;
  readonly why: string;
  /** JSON Schema cannot say what is wrong with it; only the daemon refuses it. */
  readonly beyondSchema?: true;
}

/** Samples of one message. Keys are file names without their ending. */
export interface MessageExamples {
  readonly message: Message;
  readonly accepted: Readonly<Record<string, unknown>>;
  readonly refused: Readonly<Record<string, RefusedExample>>;
}

/** Samples of one message; accepted ones are checked by the compiler, too. */
export function examplesOf<M extends Message>(
  message: M,
  accepted: Readonly<Record<string, ParamsInput<M>>>,
  refused: Readonly<Record<string, RefusedExample>> = {},
): MessageExamples {
  return { message, accepted, refused };
}
