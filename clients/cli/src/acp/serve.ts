import { setImmediate as tick } from 'node:timers/promises';
import type * as Acp from '@agentclientprotocol/sdk';
import type { App, GlobalFlags } from '../app.js';
import { EXIT, type ExitCode } from '../exit-codes.js';
import { CommandError, messageOf } from '../failures.js';
import { buildAgent } from './agent.js';
import { DaemonDoor } from './daemon-door.js';
import type { Editor } from './editor.js';
import { Sessions } from './sessions.js';

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
  await using door = new DaemonDoor(app, flags, onProblem);
  const editor = new ConnectedEditor(acp);
  using sessions = new Sessions({ reach: () => door.reach(), editor, onProblem });
  const answers = new Set<Promise<unknown>>();
  const agent = buildAgent({
    acp,
    sessions,
    isGone: () => editor.isGone,
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
  readonly #acp: typeof Acp;
  #connection: Acp.AgentConnection | null = null;

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
    // An editor that is gone needs no update.
    this.#connection?.client.notify(session.update, { sessionId, update }).catch(() => undefined);
  }
}
