import type { ApprovalPolicy, Config } from '@goald/protocol';
import type { ApprovalRuleRow } from '../../store/repositories/approval-rules.js';
import type { ActiveTurn } from '../active-turn.js';
import type { Confinement } from '../ports/confinement.js';
import type { People } from '../ports/people.js';
import type { ShellSyntax } from '../ports/shell-syntax.js';
import type { ToolCall, ToolDisplay, ToolResult } from '../ports/tools.js';
import type { TurnStore } from '../turn-store.js';
import { approvalPolicyOf } from './approval-policy.js';
import { COMMAND_METHOD } from './approval-request.js';
import { deniedText, readOnlyText } from './approval-text.js';
import type { Approvals, Verdict, WantedCall } from './approvals.js';
import { judgeCommand, type Prefix, type Trust } from './command-trust.js';
import { stoppedBySandbox } from './sandbox-stop.js';

export interface PermissionOptions {
  readonly store: TurnStore;
  readonly approvals: Approvals;
  readonly people: People;
  readonly shell: ShellSyntax;
  readonly config: () => Config;
}

/** A call of a turn in flight that is about to run. */
export interface NextCall {
  readonly call: ToolCall;
  readonly display: ToolDisplay;
  readonly itemId: string;
  readonly requestId: string;
  /** null: it cannot be enforced, and the call fails for that. */
  readonly confinement: Confinement | null;
}

export type Leave =
  { readonly kind: 'free' } | { readonly kind: 'denied'; readonly text: string } | Verdict;

type CommandDisplay = Extract<ToolDisplay, { kind: 'command' }>;
type McpDisplay = Extract<ToolDisplay, { kind: 'mcp' }>;
type FileDisplay = Extract<ToolDisplay, { kind: 'fileChange' }>;

const FREE: Leave = { kind: 'free' };

/** Whether a call may run: by the policy of its goal or thread, or because a person says so. */
export class Permission {
  readonly #options: PermissionOptions;

  constructor(options: PermissionOptions) {
    this.#options = options;
  }

  /** Rejects with the turn's stop reason, or when the turn is no longer ours. */
  async of(turn: ActiveTurn, next: NextCall): Promise<Leave> {
    const { display, confinement } = next;
    if (confinement === null) return FREE;
    switch (display.kind) {
      case 'command':
        return this.#ofCommand(turn, next, display, confinement.mode !== 'danger-full-access');
      case 'fileChange':
        return this.#ofFiles(turn, next, display, confinement.mode === 'read-only');
      case 'mcp':
        return this.#ofMcp(turn, next, display, confinement.mode === 'read-only');
      case 'call':
        return FREE;
    }
  }

  /** Whether a command that its sandbox has stopped may run again without it; null when nobody is asked that. */
  async again(turn: ActiveTurn, next: NextCall, result: ToolResult): Promise<Verdict | null> {
    const { display, confinement } = next;
    if (display.kind !== 'command' || confinement === null) return null;
    if (this.#policy(turn) === 'never') return null;
    const reason = stoppedBySandbox(result, confinement);
    if (reason === null || turn.signal.aborted) return null;
    if (!this.#options.people.isThere(turn.threadId, COMMAND_METHOD, next.itemId)) return null;
    return this.#options.approvals.ask(turn, {
      ...commandOf(next, display),
      reason: `${reason} It would run again, without the sandbox.`,
      unsandboxed: true,
    });
  }

  async #ofCommand(
    turn: ActiveTurn,
    next: NextCall,
    display: CommandDisplay,
    isSandboxed: boolean,
  ): Promise<Leave> {
    const { config, approvals } = this.#options;
    const policy = this.#policy(turn);
    const { deny, ask } = config().approvals;
    const isFree = policy === 'never' || (policy === 'on-request' && isSandboxed);
    // Nothing could come of reading it.
    if (isFree && deny.length === 0 && (policy === 'never' || ask.length === 0)) return FREE;
    const rules = this.#options.store.repositories.approvalRules.ofThread(turn.threadId);
    const trust = await this.#judge(turn, display, rules);
    if (trust.kind === 'denied') return { kind: 'denied', text: deniedText(trust.rule) };
    if (policy === 'never' || trust.kind === 'trusted') return FREE;
    if (isFree && trust.kind !== 'asked') return FREE;
    if (rules.some((rule) => isSameCommand(rule, display))) return FREE;
    const amendment = trust.kind === 'unknown' ? trust.amendment : null;
    return approvals.ask(turn, { ...commandOf(next, display), amendment });
  }

  async #judge(
    turn: ActiveTurn,
    { command, cwd }: CommandDisplay,
    rules: readonly ApprovalRuleRow[],
  ): Promise<Trust> {
    const { shell, config } = this.#options;
    const { allow, deny, ask } = config().approvals;
    const prefixes = rules.filter(({ kind }) => kind === 'prefix').map(whatOf);
    return judgeCommand(
      { text: command, script: await shell.read(command), inOwnFolder: cwd === turn.cwd },
      {
        allow: [...allow.map(wordsOf), ...prefixes],
        deny: deny.map(wordsOf),
        ask: ask.map(wordsOf),
      },
    );
  }

  #ofFiles(
    turn: ActiveTurn,
    next: NextCall,
    display: FileDisplay,
    isReadOnly: boolean,
  ): Promise<Leave> {
    const { store, approvals } = this.#options;
    const policy = this.#policy(turn);
    const asks = policy === 'untrusted' || (policy === 'on-request' && isReadOnly);
    const files = filesOf(display);
    const rules = store.repositories.approvalRules.ofThread(turn.threadId);
    const isKnown = !isReadOnly && rules.some((rule) => coversFiles(rule, files, turn.cwd));
    if (!asks || isKnown) return Promise.resolve(FREE);
    const { call, itemId, requestId } = next;
    return approvals.ask(turn, {
      ...{ call, itemId, requestId, files, cwd: turn.cwd },
      kind: 'fileChange',
      command: null,
      reason: isReadOnly ? 'The sandbox (read-only) lets no file be changed.' : null,
      unsandboxed: isReadOnly,
      amendment: null,
    });
  }

  /** A server is a program of the user's, outside of any sandbox: where nothing may be changed, a person or the configuration must allow it. */
  #ofMcp(
    turn: ActiveTurn,
    next: NextCall,
    display: McpDisplay,
    isReadOnly: boolean,
  ): Promise<Leave> {
    const { store, approvals } = this.#options;
    const { server, tool, mayAsk } = display;
    if (!mayAsk) return Promise.resolve(FREE);
    if (this.#policy(turn) === 'never') {
      const denied = { kind: 'denied' as const, text: readOnlyText(server, tool) };
      return Promise.resolve(isReadOnly ? denied : FREE);
    }
    const command = `mcp ${server} ${tool} ${JSON.stringify(display.arguments)}`;
    const asked = { kind: 'command' as const, command, cwd: turn.cwd };
    const rules = store.repositories.approvalRules.ofThread(turn.threadId);
    if (rules.some((rule) => isSameCommand(rule, asked))) return Promise.resolve(FREE);
    return approvals.ask(turn, {
      ...commandOf(next, asked),
      reason: `${tool} is a tool of the MCP server ${server}, which runs outside of the sandbox.`,
    });
  }

  #policy(turn: ActiveTurn): ApprovalPolicy {
    const { store, config } = this.#options;
    return approvalPolicyOf(store.repositories, config(), turn);
  }
}

function commandOf(
  { call, itemId, requestId }: NextCall,
  { command, cwd }: CommandDisplay,
): WantedCall {
  return {
    ...{ call, itemId, requestId, command, cwd },
    kind: 'command',
    files: [],
    reason: null,
    unsandboxed: false,
    amendment: null,
  };
}

function filesOf({ changes }: FileDisplay): string[] {
  const paths = changes.flatMap(({ path, kind }) =>
    kind.type === 'update' && kind.move_path !== null ? [path, kind.move_path] : [path],
  );
  return [...new Set(paths)];
}

/** A rule of the configuration: words between blanks. */
const wordsOf = (rule: string): Prefix => rule.split(/\s+/u);

const whatOf = (rule: ApprovalRuleRow): string[] => JSON.parse(rule.what_json) as string[];

function isSameCommand(rule: ApprovalRuleRow, { command, cwd }: CommandDisplay): boolean {
  return rule.kind === 'command' && rule.cwd === cwd && whatOf(rule)[0] === command;
}

function coversFiles(rule: ApprovalRuleRow, files: readonly string[], cwd: string): boolean {
  if (rule.kind !== 'fileChange' || rule.cwd !== cwd) return false;
  const allowed = new Set(whatOf(rule));
  return files.every((file) => allowed.has(file));
}
