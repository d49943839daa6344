import type * as Acp from '@agentclientprotocol/sdk';
import { CLI_VERSION } from '../version.js';
import { ACP_ERROR, AcpError, toAcpError } from './acp-error.js';
import { isMode, MODES, modeState } from './modes.js';
import type { Session } from './session.js';
import type { Sessions } from './sessions.js';

/** The library, which is loaded only where it is needed. */
export type AcpLibrary = typeof Acp;

export interface AgentOptions {
  readonly acp: AcpLibrary;
  readonly sessions: Sessions;
  /** Hears what the editor can do. */
  readonly onIntroduced: (capabilities: Acp.ClientCapabilities) => void;
  /** Whether the editor is gone. What then aborts was not cancelled by anybody. */
  readonly isGone: () => boolean;
  /** Resolves when the editor has had time to read what it was sent. */
  readonly updatesRead: () => Promise<void>;
  /** Hears of each request that will be answered soon. */
  readonly onRequest: (answered: Promise<unknown>) => void;
}

/** goald as an agent of the Agent Client Protocol: its methods, each done by a session. */
export function buildAgent(options: AgentOptions): Acp.AgentApp {
  const { acp, sessions, isGone, onIntroduced, updatesRead, onRequest } = options;
  const { agent: methods } = acp.methods;
  const answer = async <T>(work: () => T | Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      const { code, message, data } = toAcpError(error);
      throw new acp.RequestError(code, message, data);
    }
  };
  const soon = <T>(work: () => T | Promise<T>): Promise<T> => {
    const answered = answer(work);
    onRequest(answered.catch(() => undefined));
    return answered;
  };
  return acp
    .agent({ name: 'goald' })
    .onRequest(methods.initialize, ({ params }) =>
      soon(() => {
        onIntroduced(params.clientCapabilities ?? {});
        return greeting(acp.PROTOCOL_VERSION);
      }),
    )
    .onRequest(methods.authenticate, () => soon(noAuthentication))
    .onRequest(methods.session.new, ({ params }) =>
      soon(async () => {
        const session = await sessions.create(params);
        announceLater(session);
        return { sessionId: session.threadId, ...selectors(session) };
      }),
    )
    .onRequest(methods.session.load, ({ params }) =>
      soon(async () => {
        const session = await sessions.load(params.sessionId, params, true);
        await updatesRead();
        announceLater(session);
        return selectors(session);
      }),
    )
    .onRequest(methods.session.resume, ({ params }) =>
      soon(async () => {
        const session = await sessions.load(params.sessionId, params, false);
        announceLater(session);
        return selectors(session);
      }),
    )
    .onRequest(methods.session.list, ({ params }) => soon(() => sessions.list(params)))
    .onRequest(methods.session.close, ({ params }) => soon(() => sessions.close(params.sessionId)))
    .onRequest(methods.session.delete, ({ params }) =>
      soon(() => sessions.delete(params.sessionId)),
    )
    .onRequest(methods.session.setMode, ({ params }) =>
      soon(() => {
        setMode(sessions.get(params.sessionId), params.modeId);
      }),
    )
    .onRequest(methods.session.setConfigOption, ({ params }) =>
      soon(async () => {
        const { settings } = sessions.get(params.sessionId);
        return { configOptions: await settings.choose(params.configId, params.value) };
      }),
    )
    .onRequest(methods.session.prompt, ({ params, signal }) =>
      answer(async () => {
        const session = sessions.get(params.sessionId);
        signal.addEventListener('abort', () => {
          if (!isGone()) void session.cancel();
        });
        try {
          return await session.prompt(params.prompt);
        } finally {
          await updatesRead();
        }
      }),
    )
    .onNotification(methods.session.cancel, async ({ params }) => {
      await sessions.find(params.sessionId)?.cancel();
    });
}

function greeting(protocolVersion: number): Acp.InitializeResponse {
  return {
    protocolVersion,
    agentInfo: { name: 'goald', title: 'goald', version: CLI_VERSION },
    agentCapabilities: {
      loadSession: true,
      promptCapabilities: { image: true, audio: false, embeddedContext: true },
      mcpCapabilities: { http: true, sse: false },
      sessionCapabilities: { list: {}, resume: {}, close: {}, delete: {} },
    },
    authMethods: [],
  };
}

function noAuthentication(): never {
  throw new AcpError(
    ACP_ERROR.invalidParams,
    'goald needs no authentication here: its daemon has the key of the model provider.',
  );
}

/** What the user can choose in a session. */
function selectors(session: Session): Pick<Acp.NewSessionResponse, 'modes' | 'configOptions'> {
  return { modes: modeState(session.mode), configOptions: session.settings.options() };
}

function setMode(session: Session, modeId: string): void {
  if (!isMode(modeId)) {
    throw new AcpError(
      ACP_ERROR.invalidParams,
      `There is no mode "${modeId}". Modes: ${MODES.join(', ')}`,
    );
  }
  session.mode = modeId;
}

/** Editors drop what they hear of a session before the answer that names it. */
function announceLater(session: Session): void {
  setImmediate(() => {
    session.announce();
  });
}
