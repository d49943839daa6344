import { join } from 'node:path';
import { type ConfigInput, type Goal, requests } from '@goald/protocol';
import type * as acp from '@agentclientprotocol/sdk';
import { AcpEditor, type AcpUser } from '../../../helpers/acp/acp-editor.js';
import { makeRepository } from '../../../helpers/git-repository.js';
import { goalSetup, type GoalSetup, QUICK } from '../../../helpers/goal-setup.js';
import type { RecordedRequest, Script } from '../../../helpers/model-server/index.js';

/** A session of an editor, in a repository of its own, with a script of its own. */
export interface SessionPlace {
  readonly sessionId: string;
  readonly repository: string;
  /** Model requests of this session so far. */
  readonly asked: () => readonly RecordedRequest[];
  readonly goal: () => Promise<Goal | null>;
}

/** Not confined, so that no notice depends on what this machine can do. */
export const FREE: ConfigInput = { sandbox: { mode: 'danger-full-access' } };

interface SessionOptions {
  readonly editor?: AcpEditor;
  readonly mcpServers?: acp.McpServer[];
}

/** One daemon and one editor for the tests of a file; each test has sessions of its own. */
export class AcpWorld implements AsyncDisposable {
  readonly setup: GoalSetup;
  readonly editor: AcpEditor;
  readonly #scripts: Map<string, Script>;
  #sessions = 0;

  private constructor(setup: GoalSetup, editor: AcpEditor, scripts: Map<string, Script>) {
    this.setup = setup;
    this.editor = editor;
    this.#scripts = scripts;
  }

  static async start(config?: ConfigInput): Promise<AcpWorld> {
    const scripts = new Map<string, Script>();
    const setup = await goalSetup({
      script: (request) => {
        const script = scripts.get(sessionOf(request));
        if (script === undefined) throw new Error('no script for this session');
        return script(request);
      },
      config: { ...QUICK, ...FREE, ...config },
    });
    return new AcpWorld(setup, await AcpEditor.open(setup), scripts);
  }

  /** Another editor at the same daemon. */
  another(user: AcpUser = {}): Promise<AcpEditor> {
    return AcpEditor.open({ home: this.setup.home, user });
  }

  /** A new session; default: of the editor that all tests share. */
  async session(
    script: Script,
    { editor = this.editor, mcpServers = [] }: SessionOptions = {},
  ): Promise<SessionPlace> {
    this.#sessions += 1;
    const folder = join(this.setup.folder, `r${String(this.#sessions)}`);
    const repository = await makeRepository(folder, { 'a.txt': 'one\n' });
    const sessionId = await editor.newSession(repository, mcpServers);
    this.#scripts.set(sessionId, script);
    return {
      sessionId,
      repository,
      asked: () => this.setup.model.requests.filter((request) => sessionOf(request) === sessionId),
      goal: async () => {
        const { client } = this.setup;
        return (await client.request(requests.threadGoalGet, { threadId: sessionId })).goal;
      },
    };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.editor[Symbol.asyncDispose]();
    await this.setup[Symbol.asyncDispose]();
  }
}

/** The daemon gives each thread a prompt cache key of its own: the thread's id, which is the session's. */
function sessionOf(request: { readonly body: Readonly<Record<string, unknown>> }): string {
  return String(request.body['prompt_cache_key']);
}
