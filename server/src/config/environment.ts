/** What the environment says, read once. Nothing else in the daemon reads it. */
export interface EnvironmentSettings {
  readonly apiKey: string | undefined;
  readonly baseUrl: string | undefined;
  readonly model: string | undefined;
  readonly wireApi: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

export function readEnvironment(env: Environment): EnvironmentSettings {
  const value = (name: string): string | undefined => (env[name] === '' ? undefined : env[name]);
  return {
    apiKey: value('OPENAI_API_KEY'),
    baseUrl: value('OPENAI_BASE_URL'),
    model: value('GOALD_MODEL'),
    wireApi: value('GOALD_WIRE_API'),
  };
}
