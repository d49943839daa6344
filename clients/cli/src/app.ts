import { connect, type GoaldClient, type HomeOptions } from '@goald/client';
import { CLI_VERSION } from './version.js';
import type { Terminal } from './terminal/terminal.js';

/** Flags every command takes. */
export interface GlobalFlags {
  readonly home?: string | undefined;
  readonly endpoint?: string | undefined;
}

/** What a command is given. */
export interface App {
  readonly terminal: Terminal;
}

/** The home the flags and the environment name. */
export function homeOf(app: App, flags: GlobalFlags): HomeOptions {
  return { home: flags.home, env: app.terminal.env, cwd: app.terminal.cwd };
}

/** Connects to the daemon the flags name. `start`: start it when none runs; one that was stopped on purpose later stays stopped. `asks`: somebody can be asked here. */
export async function openClient(
  app: App,
  flags: GlobalFlags,
  options: { start: boolean; asks?: boolean },
): Promise<GoaldClient> {
  return connect({
    ...homeOf(app, flags),
    endpoint: flags.endpoint,
    clientInfo: { name: 'goal-cli', title: 'goal', version: CLI_VERSION },
    capabilities: { requiredHumanApproval: options.asks === true },
    autoStart: options.start && flags.endpoint === undefined,
    reconnect: { startAfterShutdown: false },
  });
}
