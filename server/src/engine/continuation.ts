/** What the model is told after turns that changed nothing. */
export function idleNotice(idleTurns: number, limit: number): string {
  const left = limit - idleTurns;
  return (
    `The last ${idleTurns === 1 ? 'turn' : `${String(idleTurns)} turns`} made no progress: no file changed, no check changed, no plan step was finished, nothing new was waited for. ` +
    `After ${left === 1 ? 'one more such turn' : `${String(left)} more such turns`} the goal is stopped. ` +
    'Act now with a tool, propose completion with set_goal, or report what blocks you.'
  );
}

/** What the model is told when its answer was empty or a refusal. */
export const EMPTY_ANSWER_NOTICE =
  'Your last answer was empty. Act with a tool, propose completion with set_goal, or report what blocks you.';

/** What the model is told when its answer was cut by the output limit. */
export const CUT_ANSWER_NOTICE =
  'Your last answer was cut at the output limit. Go on in smaller steps.';
