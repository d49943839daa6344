import { ownPath } from './own-path.js';

/** Everything of these, whatever its name: keys, endpoints, settings. */
const SCRUBBED = /^(OPENAI|ANTHROPIC|AZURE_OPENAI|GOALD)_/;

/** Providers whose other variables may matter to the project, but whose secrets are none of its business. */
const PROVIDER_SECRET =
  /^(AI21|ANYSCALE|AZURE_AI|CEREBRAS|CLAUDE|CODEX|COHERE|DEEPINFRA|DEEPSEEK|FIREWORKS|GEMINI|GOOGLE|GROQ|HF|HUGGING_?FACE|LLM|MISTRAL|MOONSHOT|OPENROUTER|PERPLEXITY|REPLICATE|TOGETHER|XAI)(_\w+)?_(API_?KEY|TOKEN|SECRET)$/;

/** What marks the processes of a command. */
export interface ProcessTags {
  readonly GOALD_TURN: string;
  readonly GOALD_OWNER: string;
  /** One run of one command. */
  readonly GOALD_COMMAND: string;
}

/** What marks the processes of a server that lives beside the turns. */
export interface ServerTags {
  readonly GOALD_OWNER: string;
  readonly GOALD_SERVER: string;
}

/** The environment of a command or server: without provider keys, goald's own variables and programs of projects, with its tags. */
export function childEnvironment(
  env: NodeJS.ProcessEnv,
  tags: ProcessTags | ServerTags,
): NodeJS.ProcessEnv {
  const kept = Object.entries(env).filter(
    ([name]) => !SCRUBBED.test(name) && !PROVIDER_SECRET.test(name),
  );
  // Nobody is there to answer a prompt.
  const path = env['PATH'] === undefined ? {} : { PATH: ownPath(env['PATH']) };
  return { ...Object.fromEntries(kept), ...path, GIT_TERMINAL_PROMPT: '0', ...tags };
}
