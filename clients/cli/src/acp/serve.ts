import { setImmediate as tick, setTimeout as pause } from 'node:timers/promises';
import type * as Acp from '@agentclientprotocol/sdk';
import type { App, GlobalFlags } from '../app.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CommandError, messageOf } from '../failures.js';
import { buildAgent } from './agent.js';
import { askPeople, capabilitiesOf } from './ask-people.js';
import { DaemonDoor } from './daemon-door.js';
import type { Editor } from './editor.js';
import { Sessions } from './sessions.js';

/** An answer follows the last update after so long, in milliseconds: clients that read both at once may hear the answer first. */
const READING_MS = 10;

/** stdin and stdout, over which the editor speaks. */
export interface AcpStreams {
  readonly input: ReadableStream<Uint8Array>;
  readonly output: WritableStream<Uint8Array>;
}

/**
 * Serves one editor until it closes its end. Goals go on in the daemon. stdout carries the protocol alone. Rejects when the editor sends
 * what cannot be read on.
 */
export async function serveAcp(
  app: App,
  flags: GlobalFlags,
  streams: AcpStreams,
): Promise<ExitCode> {
  const acp = await import('@agentclientprotocol/sdk');
  const onProblem = (error: unknown): void => {
    app.terminal.writeError(`goal acp: ${messageOf(error)}\n`);
  };
  const editor = new ConnectedEditor(acp);
  await using door = new DaemonDoor(app, flags, {
    capabilities: () => capabilitiesOf(editor),
    onOpen: (client) => {
      askPeople(client, { editor, find: (threadId) => sessions.find(threadId) });
    },
    onProblem,
  });
  using sessions = new Sessions({ reach: () => door.reach(), editor, onProblem });
  const answers = new Set<Promise<unknown>>();
  const agent = buildAgent({
    acp,
    sessions,
    onIntroduced: (capabilities) => {
      editor.hasForms = capabilities.elicitation?.form != null;
    },
    isGone: () => editor.isGone,
    updatesRead: () => editor.updatesRead(),
    onRequest: (answered) => {
      answers.add(answered);
      void answered.then(() => answers.delete(answered));
    },
  });
  const stream = acp.ndJsonStream(streams.output, streams.input);
  const connection = agent.connect({
    writable: stream.writable,
    readable: stream.readable.pipeThrough(endingAfter(() => settled(answers))),
  });
  editor.connect(connection);
  await connection.closed;
  const why: unknown = connection.signal.reason;
  if (why instanceof acp.MessageTooLargeError) throw new CommandError(why.message);
  return EXIT.complete;
}

/** What was asked before the end of input is answered before it ends here. */
function endingAfter(settle: () => Promise<void>): TransformStream<Acp.AnyMessage, Acp.AnyMessage> {
  return new TransformStream({ flush: settle });
}

async function settled(answers: ReadonlySet<Promise<unknown>>): Promise<void> {
  // The last message may not have been read yet, and the last answer not be written.
  await tick();
  await tick();
  while (answers.size > 0) await Promise.all(answers);
  await tick();
}

/** The editor, once it is connected. */
class ConnectedEditor implements Editor {
  hasForms = false;
  readonly #acp: typeof Acp;
  #connection: Acp.AgentConnection | null = null;
  #written: Promise<void> = Promise.resolve();

  constructor(acp: typeof Acp) {
    this.#acp = acp;
  }

  get isGone(): boolean {
    return this.#connection?.signal.aborted ?? false;
  }

  connect(connection: Acp.AgentConnection): void {
    this.#connection = connection;
  }

  update(sessionId: string, update: Acp.SessionUpdate): void {
    const { session } = this.#acp.methods.client;
    if (this.#connection === null) return;
    // An editor that is gone needs no update.
    this.#written = this.#connection.client
      .notify(session.update, { sessionId, update })
      .catch(() => undefined);
  }

  /** Resolves when all updates are written and had a moment to be read. */
  async updatesRead(): Promise<void> {
    await this.#written;
    await pause(READING_MS);
  }

  requestPermission(
    request: Acp.RequestPermissionRequest,
    signal: AbortSignal,
  ): Promise<Acp.RequestPermissionResponse> {
    const { session } = this.#acp.methods.client;
    return this.#client().request(session.requestPermission, request, until(signal));
  }

  askInForm(
    request: Acp.CreateElicitationRequest,
    signal: AbortSignal,
  ): Promise<Acp.CreateElicitationResponse> {
    const { elicitation } = this.#acp.methods.client;
    return this.#client().request(elicitation.create, request, until(signal));
  }

  #client(): Acp.AgentContext {
    if (this.#connection === null) throw new Error('The editor is not connected.');
    return this.#connection.client;
  }
}

function until(signal: AbortSignal): Acp.SendRequestOptions {
  return { cancellationSignal: signal, stopWaitingOnCancel: true };
}
