import * as z from 'zod';
import type { GoalProposal } from '../../engine/ports/tools.js';
import type { OutputFiles } from './output-files.js';
import { ToolError } from './tool-error.js';
import { defineTool, type Tool } from './tool.js';

// What people read has a length they can read; what is longer belongs into a file.
const text = z.string().trim().min(1).max(4000);
const proof = z.string().trim().min(1).max(20_000);

const schema = z.strictObject({
  status: z
    .enum(['complete', 'blocked', 'paused'])
    .optional()
    .describe('complete needs evidence; paused only when the user asked for it'),
  progress: z
    .strictObject({ summary: text, percent: z.number().min(0).max(100).optional() })
    .optional(),
  evidence: z
    .array(z.strictObject({ criterion: text, proof }))
    .max(200)
    .optional()
    .describe('one entry for each thing the objective asks for'),
  blocker: z
    .strictObject({
      summary: text,
      question: text.optional(),
      severity: z.enum(['finding', 'blocking']).optional().describe('default blocking'),
    })
    .optional()
    .describe('what only a person can solve; a finding is noted and work goes on'),
  proposed_objective: text.optional().describe('a person accepts or declines it'),
});
type SetGoalArguments = z.output<typeof schema>;

function toProposal(args: SetGoalArguments): GoalProposal {
  const { status, progress, blocker, proposed_objective: proposedObjective } = args;
  return {
    evidence: args.evidence ?? [],
    ...(status && { status }),
    ...(progress && {
      progress: { summary: progress.summary, percent: progress.percent ?? null },
    }),
    ...(blocker && {
      blocker: {
        summary: blocker.summary,
        question: blocker.question ?? null,
        severity: blocker.severity ?? 'blocking',
      },
    }),
    ...(proposedObjective !== undefined && { proposedObjective }),
  };
}

const hasEvidence = (args: SetGoalArguments): boolean => (args.evidence ?? []).length > 0;

/** `set_goal`: the model's proposals about its goal. Completion is a barrier; without evidence nothing is proposed. */
export function setGoalTool(outputs: OutputFiles): Tool {
  return defineTool(
    {
      name: 'set_goal',
      description:
        'Report progress, propose completion (goald then runs the verification commands itself), or report a blocker.',
      schema,
      readOnly: false,
      barrier: (args) => args.status === 'complete' && hasEvidence(args),
      run: async (args, context) => {
        if (Object.keys(args).length === 0) {
          throw new ToolError(
            'set_goal: nothing to set. Give status, progress, evidence, blocker or proposed_objective.',
          );
        }
        if (args.status === 'complete' && !hasEvidence(args)) {
          throw new ToolError(
            'set_goal: status complete needs evidence: one {criterion, proof} for each thing the objective asks for. Nothing was proposed.',
          );
        }
        const answer = await context.goals.propose(toProposal(args));
        return {
          output: answer.text,
          success: answer.success,
          ...(answer.endsTurn && { endsTurn: true }),
        };
      },
    },
    outputs,
  );
}
