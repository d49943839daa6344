/**
 * One rule of what a sandbox shows. `read` and `write` show what stands on the machine, or in the folder `source`; `scratch` is an empty
 * folder for the length of one command; `none` hides what is there.
 */
export interface ViewRule {
  /** Absolute, without symbolic links. */
  readonly path: string;
  readonly access: 'read' | 'write' | 'scratch' | 'none';
  /** Absolute folder of the machine that is shown at `path`. */
  readonly source?: string;
  /** What is gone when the command starts is left out. */
  readonly isOptional?: boolean;
  /** `none` at a place where nothing stands: nothing can be put there. */
  readonly isGuard?: boolean;
}

export function isInside(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}

/** The rule for a path: the last one for it or a folder above it, as with mounts. */
function ruleFor(rules: readonly ViewRule[], path: string): ViewRule | undefined {
  return rules.findLast((rule) => isInside(path, rule.path));
}

/** Whether a path shows what the machine has there. */
export function showsMachine(rules: readonly ViewRule[], path: string): boolean {
  const rule = ruleFor(rules, path);
  return (rule?.access === 'read' || rule?.access === 'write') && rule.source === undefined;
}

/** Where on the machine stands what is shown at a path; null when nothing of it is shown. Symbolic links are not looked at. */
export function machinePath(rules: readonly ViewRule[], path: string): string | null {
  const rule = ruleFor(rules, path);
  if (rule?.access !== 'read' && rule?.access !== 'write') return null;
  return rule.source === undefined ? path : rule.source + path.slice(rule.path.length);
}

/** Whether a file of the machine is shown somewhere: where it stands, or where the folder that it lies in is shown. `real` has no links. */
export function isShown(rules: readonly ViewRule[], real: string): boolean {
  const lent = rules.find(({ source }) => source !== undefined && isInside(real, source));
  if (lent?.source === undefined) return showsMachine(rules, real);
  return ruleFor(rules, lent.path + real.slice(lent.source.length)) === lent;
}

/** Whether what stands at a path of the machine may be changed there. `real` has no links. */
export function mayChange(rules: readonly ViewRule[], real: string): boolean {
  const rule = ruleFor(rules, real);
  return rule?.access === 'write' && rule.source === undefined;
}
