import { PlanLeave } from '@goald/server/engine/planning/plan-leave.js';
import type { PreparedCall, ToolDisplay } from '@goald/server/engine/ports/tools.js';
import { BashSyntax } from '@goald/server/workspace/shell-syntax/bash-syntax.js';
import { describe, expect, it } from 'vitest';

const shell = new BashSyntax((error) => {
  throw error;
});
const leave = new PlanLeave({ shell });

function call(display: ToolDisplay, readOnly = false): PreparedCall {
  return {
    call: { callId: 'c', name: 'n', arguments: '{}' },
    display,
    readOnly,
    barrier: false,
    run: () => Promise.resolve({ output: '', success: true }),
  };
}
const command = (text: string, cwd = '/here'): PreparedCall =>
  call({ kind: 'command', command: text, cwd });
const mcp = (readOnlyHint: boolean | null): PreparedCall =>
  call({ kind: 'mcp', server: 's', tool: 't', arguments: {}, readOnlyHint, mayAsk: false });
const refusal = (prepared: PreparedCall, isConfined: boolean): Promise<string | null> =>
  leave.refusal(prepared, { isConfined, cwd: '/here' });

describe('in a turn that plans', () => {
  it('any command runs where a sandbox keeps it from writing', async () => {
    expect(await refusal(command('npm test > out.txt'), true)).toBeNull();
  });

  it.each(['ls -la', 'rg -n needle src | head -5', 'git log --oneline && cat a.txt'])(
    'without one a command that only looks: %s',
    async (text) => {
      expect(await refusal(command(text), false)).toBeNull();
    },
  );

  it.each(['touch a', 'cat a > b', 'npm test', 'sh -c ls', 'find . -delete', 'echo $(rm a)'])(
    'without one nothing else: %s',
    async (text) => {
      expect(await refusal(command(text), false)).toContain('only look');
    },
  );

  it('without one git looks into its own folder alone', async () => {
    expect(await refusal(command('git status', '/elsewhere'), false)).not.toBeNull();
  });

  it('no file is changed, sandbox or not', async () => {
    const patch = call({ kind: 'fileChange', changes: [] });
    expect(await refusal(patch, true)).toContain('Not run');
    expect(await refusal(patch, false)).toContain('Not run');
  });

  it('a tool of a server runs when the server calls it read-only', async () => {
    expect(await refusal(mcp(true), false)).toBeNull();
    expect(await refusal(mcp(false), true)).toContain('the MCP server s');
    expect(await refusal(mcp(null), true)).toContain('the MCP server s');
  });

  it('tools of goald run when they only look', async () => {
    const display = { kind: 'call', tool: 'x', arguments: {} } as const;
    expect(await refusal(call(display, true), false)).toBeNull();
    expect(await refusal(call(display, false), true)).toContain('planning turn');
  });
});
