import { HIDDEN_VARIABLES } from './places.js';

const TEMPORARY = ['TMPDIR', 'TMP', 'TEMP'] as const;

/** The environment of a confined command: without ways to sockets, without what is named like a secret and without addresses with a password in them, with its own folder for temporary files. */
export function sandboxEnvironment(
  env: NodeJS.ProcessEnv,
  options: { readonly temporary: string; readonly kept: readonly string[] },
): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([name, value = '']) => options.kept.includes(name) || !isSecret(name, value),
  );
  const temporary = TEMPORARY.filter((name) => name === 'TMPDIR' || name in env);
  return {
    ...Object.fromEntries(kept),
    ...Object.fromEntries(temporary.map((name) => [name, options.temporary])),
  };
}

/** A proxy with a password is still what leads to the network, where that is allowed. */
function isSecret(name: string, value: string): boolean {
  if (HIDDEN_VARIABLES.test(name)) return true;
  return !/_proxy$/iu.test(name) && /^[a-z][\w+.-]*:\/\/[^\s/?#@:]*:[^\s/?#@]+@/iu.test(value);
}
