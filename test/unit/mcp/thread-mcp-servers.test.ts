import { ProtocolError, type ThreadConfig } from '@goald/protocol';
import { mcpServersOf } from '@goald/server/threads/thread-mcp-servers.js';
import { describe, expect, it } from 'vitest';

const CWD = '/home/ada/minimist';

function refusal(config: ThreadConfig): string {
  try {
    mcpServersOf(config, CWD);
  } catch (error) {
    if (error instanceof ProtocolError && error.code === 'invalid_params') return error.message;
    throw error;
  }
  throw new Error('it was taken');
}

describe('the MCP servers in the config of a thread', () => {
  it('are none where it says nothing of them, and an empty set where it says that there are none', () => {
    expect(mcpServersOf(null, CWD)).toBeNull();
    expect(mcpServersOf({ web_search: 'live', mcp_servers: null }, CWD)).toBeNull();
    expect(mcpServersOf({ mcp_servers: {} }, CWD)).toEqual({});
  });

  it('are read in the words of the reference, and programs start in the folder of the thread', () => {
    const servers = mcpServersOf(
      {
        mcp_servers: {
          memory: {
            command: 'server-memory',
            args: ['--quiet'],
            env: { TOKEN: 'x' },
            startup_timeout_sec: 5,
            tool_timeout_sec: 60,
            enabled_tools: ['read_graph'],
            disabled_tools: ['delete_entities'],
            default_tools_approval_mode: 'prompt',
            tools: { read_graph: { approval_mode: 'approve' }, other: {} },
          },
          docs: {
            url: 'https://docs.example.com/mcp',
            http_headers: { 'x-key': 'k' },
            bearer_token_env_var: 'DOCS_TOKEN',
            enabled: false,
          },
        },
      },
      CWD,
    );
    expect(servers).toMatchObject({
      memory: {
        command: 'server-memory',
        args: ['--quiet'],
        env: { TOKEN: 'x' },
        cwd: CWD,
        startupTimeoutSeconds: 5,
        toolTimeoutSeconds: 60,
        enabledTools: ['read_graph'],
        disabledTools: ['delete_entities'],
        approval: 'prompt',
        toolApproval: { read_graph: 'approve' },
      },
      docs: {
        url: 'https://docs.example.com/mcp',
        headers: { 'x-key': 'k' },
        bearerTokenEnvVar: 'DOCS_TOKEN',
        enabled: false,
        approval: 'auto',
      },
    });
  });

  it('may be named by dotted keys, which come over nested ones', () => {
    const servers = mcpServersOf(
      {
        mcp_servers: { a: { command: 'one' } },
        'mcp_servers.a.command': 'two',
        'mcp_servers.b': { url: 'http://127.0.0.1:9/mcp' },
      },
      CWD,
    );
    expect(servers).toMatchObject({ a: { command: 'two' }, b: { url: 'http://127.0.0.1:9/mcp' } });
  });

  it.each<[string, ThreadConfig, string]>([
    ['neither a program nor an address', { mcp_servers: { a: {} } }, 'either command'],
    [
      'both',
      { mcp_servers: { a: { command: 'x', url: 'http://h/' } } },
      'config.mcp_servers.a: either command',
    ],
    ['an address of another kind', { 'mcp_servers.a': { url: 'file:///x' } }, 'a URL of http'],
    ['a folder that is not absolute', { 'mcp_servers.a': { command: 'x', cwd: 'y' } }, 'absolute'],
    ['a name that is none', { mcp_servers: { 'a b': { command: 'x' } } }, 'the name of a server'],
    [
      'a token in the open',
      { 'mcp_servers.a': { url: 'http://h/', bearer_token: 't' } },
      'name the variable that holds the token',
    ],
    ['a key that is none', { 'mcp_servers.a..b': 1 }, 'no dotted path'],
    ['a key into the prototype', { 'mcp_servers.__proto__.command': 'x' }, 'no dotted path'],
    ['something else', { 'mcp_servers.a': 7 }, 'config.mcp_servers.a'],
  ])('are refused where one has %s', (_what, config, words) => {
    expect(refusal(config)).toContain(words);
  });

  it('are refused where they are too many or too long', () => {
    const many = Object.fromEntries(
      Array.from({ length: 65 }, (_, at) => [`s${String(at)}`, { command: 'x' }]),
    );
    expect(refusal({ mcp_servers: many })).toContain('at most 64');
    const args = Array.from({ length: 40 }, () => 'x'.repeat(9000));
    expect(refusal({ mcp_servers: { a: { command: 'x', args } } })).toContain('characters');
  });

  it('leave every other object as it was', () => {
    refusal({ 'mcp_servers.constructor.prototype.command': 'x' });
    expect(Reflect.get({}, 'command')).toBeUndefined();
  });
});
