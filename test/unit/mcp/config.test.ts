import { configSchema } from '@goald/protocol';
import { describe, expect, it } from 'vitest';

const problemsOf = (mcpServers: unknown): string[] =>
  configSchema
    .safeParse({ mcpServers })
    .error?.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`) ?? [];

describe('mcpServers', () => {
  it('takes programs and addresses, and fills in the rest', () => {
    const { mcpServers } = configSchema.parse({
      mcpServers: {
        memory: { command: 'npx', args: ['-y', 'x'] },
        docs: { url: 'https://x.test/mcp' },
      },
    });
    expect(mcpServers['memory']).toMatchObject({
      enabled: true,
      startupTimeoutSeconds: 20,
      toolTimeoutSeconds: 120,
      approval: 'auto',
      env: {},
    });
    expect(mcpServers['docs']).toMatchObject({ url: 'https://x.test/mcp', headers: {} });
    expect(configSchema.parse({}).mcpServers).toEqual({});
  });

  it.each([
    ['a name with a space', { 'a b': { command: 'x' } }, 'has letters, digits'],
    ['neither a program nor an address', { a: {} }, 'either command'],
    ['both', { a: { command: 'x', url: 'http://x.test' } }, 'either command'],
    ['a misspelt field', { a: { command: 'x', argz: [] } }, 'argz'],
    ['a field of the other kind', { a: { url: 'http://x.test', cwd: '/' } }, 'cwd'],
    ['another scheme', { a: { url: 'file:///etc' } }, 'a URL of http or https'],
    ['a relative folder', { a: { command: 'x', cwd: 'here' } }, 'cwd: an absolute path'],
    ['no time', { a: { command: 'x', toolTimeoutSeconds: 0 } }, 'toolTimeoutSeconds'],
  ])('refuses %s and says what is wrong', (_name, servers, words) => {
    expect(problemsOf(servers).join('\n')).toContain(words);
  });
});
