import type { DiffStat, RunArtifacts } from '@goald/protocol';
import type { Workspace } from '../ports/workspace.js';
import { changedChecks } from './changed-checks.js';

/** Files named in the diff stat that is kept with a run. */
const MOST_FILES = 200;

/** What the daemon itself saw when the commands had run: the diff stat and the coverage file. Never rejects. */
export async function collectArtifacts(
  workspace: Workspace,
  run: { cwd: string; baselineTreeId: string | null; into: string; startedAtMs: number },
): Promise<RunArtifacts> {
  const { cwd, baselineTreeId, into, startedAtMs } = run;
  const [diff, coverage] = await Promise.all([
    baselineTreeId === null ? null : workspace.diffFrom(cwd, baselineTreeId).catch(() => null),
    workspace.keepCoverage(cwd, { into, sinceMs: startedAtMs }),
  ]);
  return { diffStat: diff === null ? null : cut(diff.stat), coverage };
}

function cut(stat: DiffStat): DiffStat {
  return { ...stat, files: stat.files.slice(0, MOST_FILES) };
}

/** The same, and what of the checks the goal has changed. `commands` as the shell gets them. Rejects when the folder is gone. */
export async function look(
  workspace: Workspace,
  run: {
    cwd: string;
    baselineTreeId: string | null;
    into: string;
    startedAtMs: number;
    commands: readonly string[];
  },
): Promise<{ artifacts: RunArtifacts; changedChecks: readonly string[] }> {
  const { cwd, baselineTreeId: baseline, commands } = run;
  const artifacts = await collectArtifacts(workspace, run);
  const changed = baseline === null ? null : await workspace.changedSince(cwd, baseline);
  if (changed === null || baseline === null) return { artifacts, changedChecks: [] };
  const texts = (path: string) => workspace.textsOf(cwd, baseline, path);
  return { artifacts, changedChecks: await changedChecks(changed, commands, texts) };
}
