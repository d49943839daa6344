import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Readable, Writable } from 'node:stream';
import { setImmediate as tick } from 'node:timers/promises';
import { client, methods, ndJsonStream } from '@agentclientprotocol/sdk';
import type * as acp from '@agentclientprotocol/sdk';
import { eventually } from '../eventually.js';
import { GOAL } from '../goal-command.js';

export type Update = acp.SessionUpdate;
export type UpdateOf<K extends Update['sessionUpdate']> = Extract<Update, { sessionUpdate: K }>;

/** How the user answers what they are asked. A promise that stays open: not at all. */
export interface AcpUser {
  readonly permit?: (
    request: acp.RequestPermissionRequest,
    signal: AbortSignal,
  ) => acp.RequestPermissionResponse | Promise<acp.RequestPermissionResponse>;
  /** Given: the editor says that it has forms. */
  readonly fill?: (request: acp.CreateElicitationRequest) => acp.CreateElicitationResponse;
}

export interface AcpEditorOptions {
  readonly home: string;
  /** Beside PATH and HOME, which is the home. */
  readonly env?: Readonly<Record<string, string>>;
  readonly user?: AcpUser;
}

/** An editor: the protocol's own client over a real `goal acp`. */
export class AcpEditor implements AsyncDisposable {
  readonly child: ChildProcess;
  readonly #connection: acp.ClientConnection;
  readonly #updates: { sessionId: string; update: Update }[] = [];
  #printed = '';

  private constructor(child: ChildProcess, { permit, fill }: AcpUser) {
    const { stdin, stdout, stderr } = child;
    if (stdin === null || stdout === null || stderr === null) throw new Error('no pipes');
    this.child = child;
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#printed += text;
    });
    stdin.on('error', () => undefined);
    const dismissed = { outcome: { outcome: 'cancelled' } } as const;
    this.#connection = client({ name: 'test editor' })
      .onRequest(methods.client.session.requestPermission, ({ params, signal }) =>
        permit === undefined ? dismissed : permit(params, signal),
      )
      .onRequest(methods.client.elicitation.create, ({ params }) =>
        fill === undefined ? { action: 'cancel' } : fill(params),
      )
      .onNotification(methods.client.session.update, ({ params }) => {
        this.#updates.push(params);
      })
      .connect(ndJsonStream(Writable.toWeb(stdin), Readable.toWeb(stdout)));
  }

  /** Starts `goal acp` and introduces itself. */
  static async open(options: AcpEditorOptions): Promise<AcpEditor> {
    const child = spawn(process.execPath, [GOAL, '--home', options.home, 'acp'], {
      cwd: options.home,
      env: { PATH: process.env['PATH'] ?? '', HOME: options.home, ...options.env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    const user = options.user ?? {};
    const editor = new AcpEditor(child, user);
    await editor.request(methods.agent.initialize, {
      protocolVersion: 1,
      clientCapabilities: user.fill === undefined ? {} : { elicitation: { form: {} } },
    });
    return editor;
  }

  /** What it has written to stderr. */
  get printed(): string {
    return this.#printed;
  }

  async request<M extends acp.AgentRequestMethod>(
    method: M,
    params: acp.AgentRequestParamsByMethod[M],
    options?: acp.SendRequestOptions,
  ): Promise<acp.AgentRequestResponsesByMethod[M]> {
    try {
      return await this.#connection.agent.request(method, params, options);
    } finally {
      // The library passes on an answer sooner than notifications that came before it in the same read.
      await tick();
    }
  }

  async newSession(cwd: string, mcpServers: acp.McpServer[] = []): Promise<string> {
    const { sessionId } = await this.request(methods.agent.session.new, { cwd, mcpServers });
    return sessionId;
  }

  prompt(sessionId: string, text: string): Promise<acp.PromptResponse> {
    const prompt: acp.ContentBlock[] = [{ type: 'text', text }];
    return this.request(methods.agent.session.prompt, { sessionId, prompt });
  }

  async cancel(sessionId: string): Promise<void> {
    await this.#connection.agent.notify(methods.agent.session.cancel, { sessionId });
  }

  /** What the editor was told of a session, in order. */
  updates(sessionId: string): readonly Update[] {
    return this.#updates.filter((told) => told.sessionId === sessionId).map(({ update }) => update);
  }

  of<K extends Update['sessionUpdate']>(sessionId: string, kind: K): readonly UpdateOf<K>[] {
    return this.updates(sessionId).filter(
      (update): update is UpdateOf<K> => update.sessionUpdate === kind,
    );
  }

  /** All the text of one kind of chunk, as an editor puts it together. */
  text(
    sessionId: string,
    kind: `${'agent' | 'user'}_message_chunk` | 'agent_thought_chunk',
  ): string {
    return this.of(sessionId, kind)
      .map(({ content }) => (content.type === 'text' ? content.text : `(${content.type})`))
      .join('');
  }

  said(sessionId: string): string {
    return this.text(sessionId, 'agent_message_chunk');
  }

  /** The tool calls of a session as they stand, each with its updates applied. */
  calls(sessionId: string): readonly acp.ToolCall[] {
    const calls = new Map<string, acp.ToolCall>();
    for (const update of this.updates(sessionId)) {
      if (update.sessionUpdate === 'tool_call') {
        const { sessionUpdate, ...call } = update;
        if (calls.has(call.toolCallId))
          throw new Error(`${sessionUpdate} told twice: ${call.title}`);
        calls.set(call.toolCallId, call);
      } else if (update.sessionUpdate === 'tool_call_update') {
        const { sessionUpdate, ...change } = update;
        const before = calls.get(change.toolCallId);
        if (before === undefined) throw new Error(`${sessionUpdate} of an unknown call`);
        const changed = Object.entries(change).filter(([, value]) => value != null);
        calls.set(change.toolCallId, { ...before, ...Object.fromEntries(changed) });
      }
    }
    return [...calls.values()];
  }

  forget(): void {
    this.#updates.length = 0;
  }

  /** Waits until the agent has said this. */
  async heard(sessionId: string, text: string): Promise<void> {
    try {
      await eventually(`the agent says ${text}`, () => this.said(sessionId).includes(text));
    } catch (error) {
      throw new Error(`${String(error)}\nsaid: ${this.said(sessionId)}\n${this.#printed}`, {
        cause: error,
      });
    }
  }

  /** Closes the agent's stdin, as an editor does that ends; answers its exit code. */
  async quit(): Promise<number | null> {
    this.child.stdin?.end();
    return this.exited();
  }

  async exited(): Promise<number | null> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      await once(this.child, 'exit');
    }
    return this.child.exitCode;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited();
    this.#connection.close();
  }
}
