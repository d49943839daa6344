import path from 'node:path';
import type {
  ListSessionsRequest,
  ListSessionsResponse,
  McpServer,
  SessionInfo,
} from '@agentclientprotocol/sdk';
import { isGoaldError } from '@goald/client';
import { type ParamsInput, requests, type ResultOf, type Thread } from '@goald/protocol';
import { oneLine } from '../output/text.js';
import { ACP_ERROR, AcpError, sessionNotFound } from './acp-error.js';
import type { Daemon } from './daemon-door.js';
import type { Editor } from './editor.js';
import { editorServers, type EditorServers } from './editor-servers.js';
import { Session } from './session.js';

const SESSIONS_A_PAGE = 50;
const TITLE_CHARS = 120;

export interface SessionsOptions {
  readonly reach: () => Promise<Daemon>;
  readonly editor: Editor;
  readonly onProblem: (error: unknown) => void;
}

/** What an editor says of a session it opens. */
interface Opened {
  readonly cwd: string;
  readonly mcpServers?: readonly McpServer[] | undefined;
}

type Started = ResultOf<typeof requests.threadStart>;

/** The conversations of one editor. A session is a thread of the daemon, under the same id. */
export class Sessions implements Disposable {
  readonly #options: SessionsOptions;
  readonly #open = new Map<string, Session>();

  constructor(options: SessionsOptions) {
    this.#options = options;
  }

  /** An open session. Throws when there is none of this id. */
  get(sessionId: string): Session {
    const session = this.#open.get(sessionId);
    if (session === undefined) throw sessionNotFound(sessionId);
    return session;
  }

  find(sessionId: string): Session | undefined {
    return this.#open.get(sessionId);
  }

  async create(opened: Opened): Promise<Session> {
    assertAbsolute(opened.cwd);
    const given = editorServers(opened.mcpServers ?? []);
    const daemon = await this.#options.reach();
    const { client } = daemon;
    const started = await client.request(requests.threadStart, {
      cwd: opened.cwd,
      ...configOf(given),
    });
    return this.#adopt(daemon, started, given);
  }

  /**
   * Takes up a stored thread, in the folder it has. `replay`: the editor is told its whole past before this resolves. MCP servers of the
   * editor take the place of those the thread had; an editor without any takes none away, for a goal may be at work with them.
   */
  async load(sessionId: string, opened: Opened, replay: boolean): Promise<Session> {
    assertAbsolute(opened.cwd);
    const given = editorServers(opened.mcpServers ?? []);
    const daemon = await this.#options.reach();
    const started = await this.#resume(daemon, sessionId, given);
    const session = this.#adopt(daemon, started, given);
    try {
      await session.attach(replay);
      return session;
    } catch (error) {
      this.#drop(sessionId);
      throw error;
    }
  }

  async list({ cwd, cursor }: ListSessionsRequest): Promise<ListSessionsResponse> {
    const { client } = await this.#options.reach();
    const { data, nextCursor } = await client.request(requests.threadList, {
      cwd: cwd ?? null,
      cursor: cursor ?? null,
      limit: SESSIONS_A_PAGE,
      sortKey: 'updated_at',
    });
    return { sessions: data.map(infoOf), nextCursor };
  }

  /** The editor shows it no more. Its goal goes on. */
  async close(sessionId: string): Promise<void> {
    const session = this.get(sessionId);
    await session.cancel();
    this.#drop(sessionId);
    const { client } = await this.#options.reach();
    await client.request(requests.threadUnsubscribe, { threadId: sessionId });
  }

  /** Removes the thread and its goal. */
  async delete(sessionId: string): Promise<void> {
    const { client } = await this.#options.reach();
    try {
      await client.request(requests.threadDelete, { threadId: sessionId });
    } catch (error) {
      throw isUnknown(error) ? sessionNotFound(sessionId) : error;
    }
    this.#drop(sessionId);
  }

  [Symbol.dispose](): void {
    for (const sessionId of [...this.#open.keys()]) this.#drop(sessionId);
  }

  async #resume({ client }: Daemon, threadId: string, given: EditorServers): Promise<Started> {
    try {
      return await client.request(requests.threadResume, {
        threadId,
        excludeTurns: true,
        ...configOf(given),
      });
    } catch (error) {
      throw isUnknown(error) ? sessionNotFound(threadId) : error;
    }
  }

  #adopt(daemon: Daemon, started: Started, { notices }: EditorServers): Session {
    const { id } = started.thread;
    this.#drop(id);
    const session = new Session({ ...this.#options, daemon, started, notices });
    this.#open.set(id, session);
    return session;
  }

  #drop(sessionId: string): void {
    this.#open.get(sessionId)?.[Symbol.dispose]();
    this.#open.delete(sessionId);
  }
}

/** No thread has this id, or none can have it. */
function isUnknown(error: unknown): boolean {
  return isGoaldError(error, 'thread_not_found') || isGoaldError(error, 'invalid_params');
}

function assertAbsolute(cwd: string): void {
  if (path.isAbsolute(cwd)) return;
  throw new AcpError(ACP_ERROR.invalidParams, `cwd must be an absolute path, and is "${cwd}".`);
}

function configOf({
  servers,
}: EditorServers): Pick<ParamsInput<typeof requests.threadStart>, 'config'> {
  return Object.keys(servers).length === 0 ? {} : { config: { mcp_servers: { ...servers } } };
}

function infoOf(thread: Thread): SessionInfo {
  const title = oneLine(thread.name ?? thread.preview).slice(0, TITLE_CHARS);
  return {
    sessionId: thread.id,
    cwd: thread.cwd,
    title: title === '' ? null : title,
    updatedAt: new Date(thread.updatedAt * 1000).toISOString(),
  };
}
