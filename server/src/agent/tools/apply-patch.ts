import { sep } from 'node:path';
import type { FileUpdateChange } from '@goald/protocol';
import * as z from 'zod';
import type { ToolContext } from '../../engine/ports/tools.js';
import type { Confinement } from '../../engine/ports/confinement.js';
import { mayChange } from '../../engine/ports/view-rules.js';
import type { OutputFiles } from './output-files.js';
import { PatchError, parsePatch, type PatchOperation } from './patch-parser.js';
import { PatchPlan } from './patch-plan.js';
import { writePlanned } from './patch-write.js';
import type { View, ViewOf } from './seen-files.js';
import { ToolError, errorMessage } from './tool-error.js';
import { defineTool, type Tool } from './tool.js';

const schema = z.strictObject({ patch: z.string().min(1) });

const SIGNS = { context: ' ', remove: '-', add: '+' } as const;

const DESCRIPTION = `Edit files. All or nothing. Paths are relative to the working folder. Form:
*** Begin Patch
*** Add File: new.txt
+line
*** Update File: src/a.ts
*** Move to: src/b.ts
@@ function name()
 context
-old
+new
*** Delete File: old.txt
*** End Patch
Move to and @@ are optional. Give about 3 lines of context around a change; it must fit exactly one place.`;

/** An operation as clients can show it before it ran, without reading any file. */
function announced(operation: PatchOperation): FileUpdateChange {
  const { path } = operation;
  switch (operation.kind) {
    case 'add':
      return {
        path,
        kind: { type: 'add' },
        diff: operation.lines.map((line) => `${line}\n`).join(''),
      };
    case 'delete':
      return { path, kind: { type: 'delete' }, diff: '' };
    case 'update': {
      const hunks = operation.hunks.map(({ anchors, lines }) => [
        ...(anchors.length === 0 ? ['@@'] : anchors.map((anchor) => `@@ ${anchor}`)),
        ...lines.map((line) => SIGNS[line.kind] + line.text),
      ]);
      const diff = hunks.flat().map((line) => `${line}\n`);
      const kind = { type: 'update' as const, move_path: operation.movePath };
      return { path, kind, diff: diff.join('') };
    }
  }
}

function announcedChanges(patch: string): readonly FileUpdateChange[] | null {
  try {
    return parsePatch(patch).map(announced);
  } catch {
    return null;
  }
}

/** What a patch would change now; null where it reaches out of the folder: nothing of that is shown before it is allowed. */
async function previewed(patch: string, cwd: string): Promise<readonly FileUpdateChange[] | null> {
  const plan = new PatchPlan(cwd);
  for (const operation of parsePatch(patch)) await plan.add(operation);
  const inside = plan.files.every(({ path }) => path.absolute.startsWith(`${cwd}${sep}`));
  return inside ? plan.changes() : null;
}

function line({ path, kind }: FileUpdateChange): string {
  if (kind.type === 'add') return `A ${path}`;
  if (kind.type === 'delete') return `D ${path}`;
  return kind.move_path === null ? `M ${path}` : `R ${path} -> ${kind.move_path}`;
}

/** Throws for files that the goal's path constraints forbid to change. */
function assertAllowed(plan: PatchPlan, refuse: ToolContext['refuseChange']): void {
  const refused = plan.files.flatMap(({ path }) => {
    const rule = refuse?.(path.absolute) ?? null;
    return rule === null ? [] : [`${path.display} (${rule})`];
  });
  if (refused.length === 0) return;
  throw new ToolError(
    `The goal’s path constraints forbid changing ${refused.join(', ')}.\nNothing was changed. Work without it, or report a blocker.`,
  );
}

/** Throws for files that the sandbox keeps commands from changing. */
function assertConfined(plan: PatchPlan, view: View, { mode }: Confinement): void {
  if (view === null) return;
  const refused = plan.files.filter(({ path }) => !mayChange(view, path.absolute));
  if (refused.length === 0) return;
  throw new ToolError(
    `The sandbox (${mode}) does not allow changing ${refused.map(({ path }) => path.display).join(', ')}.\nNothing was changed.`,
  );
}

async function apply(
  patch: string,
  { cwd, signal, refuseChange, confinement }: ToolContext,
  view: View,
): Promise<readonly FileUpdateChange[]> {
  const plan = new PatchPlan(cwd);
  try {
    for (const operation of parsePatch(patch)) {
      // Also when the rest of the patch does not fit: the rule is what the model has to know first.
      await plan.add(operation).finally(() => {
        assertAllowed(plan, refuseChange);
        assertConfined(plan, view, confinement);
      });
    }
  } catch (error) {
    if (error instanceof PatchError) throw new ToolError(`${error.message}\nNothing was changed.`);
    throw error;
  }
  const changes = await plan.changes();
  signal.throwIfAborted();
  if (changes.length === 0) {
    throw new ToolError('The patch leaves every file as it is. Nothing was changed.');
  }
  try {
    await writePlanned(plan.files);
  } catch (error) {
    const rolledBack = error instanceof AggregateError ? '' : ' Nothing was changed.';
    const all: readonly unknown[] = error instanceof AggregateError ? error.errors : [error];
    throw new ToolError(
      `The patch could not be written: ${all.map(errorMessage).join('; ')}.${rolledBack}`,
    );
  }
  return changes;
}

/** `apply_patch`: edits files by context, all or nothing, each file replaced by rename. */
export function applyPatchTool(outputs: OutputFiles, viewOf: ViewOf): Tool {
  return defineTool(
    {
      name: 'apply_patch',
      description: DESCRIPTION,
      schema,
      readOnly: false,
      preview: (args, cwd) => previewed(args.patch, cwd),
      display: (args) => {
        const changes = announcedChanges(args.patch);
        return changes === null
          ? { kind: 'call', tool: 'apply_patch', arguments: args }
          : { kind: 'fileChange', changes };
      },
      run: async (args, context) => {
        const changes = await apply(args.patch, context, viewOf(context.confinement));
        return { output: `Done:\n${changes.map(line).join('\n')}`, success: true, changes };
      },
    },
    outputs,
  );
}
