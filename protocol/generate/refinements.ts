import { requests } from '@goald/protocol';

// What a zod schema checks by code, said once more in JSON Schema: such checks do not convert by themselves.

const exactlyOneOfThreadAndGoal = {
  oneOf: [
    { required: ['threadId'], properties: { threadId: { type: 'string' } } },
    { required: ['goalId'], properties: { goalId: { type: 'string' } } },
  ],
};

const refinements = new Map<object, object>([
  [requests.goalReport.params, exactlyOneOfThreadAndGoal],
  [requests.goalUsage.params, exactlyOneOfThreadAndGoal],
]);

/** JSON Schema keywords to add to those of a schema. */
export function refinementOf(schema: object): object {
  return refinements.get(schema) ?? {};
}
