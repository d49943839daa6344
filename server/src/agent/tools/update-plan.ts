import * as z from 'zod';
import type { OutputFiles } from './output-files.js';
import { defineTool, type Tool } from './tool.js';

const schema = z.strictObject({
  explanation: z.string().optional(),
  steps: z
    .array(
      z.strictObject({
        step: z.string().min(1),
        status: z.enum(['pending', 'in_progress', 'completed']),
      }),
    )
    .min(1),
});

/** `update_plan`: stores the model's plan and shows it to the clients. */
export function updatePlanTool(outputs: OutputFiles): Tool {
  return defineTool(
    {
      name: 'update_plan',
      description: 'Write or tick the plan. Give all steps each time, at most one in_progress.',
      schema,
      readOnly: false,
      run: (args, context) => {
        const steps = args.steps.map(({ step, status }) => ({
          step,
          status: status === 'in_progress' ? ('inProgress' as const) : status,
        }));
        context.goals.updatePlan(steps, args.explanation ?? null);
        const done = steps.filter((step) => step.status === 'completed').length;
        const output = `Plan updated: ${String(done)} of ${String(steps.length)} steps completed.`;
        return { output, success: true };
      },
    },
    outputs,
  );
}
