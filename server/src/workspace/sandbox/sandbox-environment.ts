import { HIDDEN_VARIABLES } from './places.js';

const TEMPORARY = ['TMPDIR', 'TMP', 'TEMP'] as const;

/** The environment of a confined command: without ways to sockets and without what is named like a secret, with its own folder for temporary files. */
export function sandboxEnvironment(
  env: NodeJS.ProcessEnv,
  options: { readonly temporary: string; readonly kept: readonly string[] },
): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([name]) => options.kept.includes(name) || !HIDDEN_VARIABLES.test(name),
  );
  const temporary = TEMPORARY.filter((name) => name === 'TMPDIR' || name in env);
  return {
    ...Object.fromEntries(kept),
    ...Object.fromEntries(temporary.map((name) => [name, options.temporary])),
  };
}
