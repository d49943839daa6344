export type { Answerer, Asked } from './asked-requests.js';
export type { ReconnectPolicy } from './backoff.js';
export { GoaldClient, type RequestOptions, type ServerGreeting } from './client.js';
export { connect, type ConnectOptions, type ReconnectOptions } from './connect.js';
export { ensureDaemon, type LaunchOptions } from './daemon-launcher.js';
export { askDaemonProgram, type ProgramRun } from './daemon-program.js';
export {
  CLIENT_ERROR_CODES,
  type ClientErrorCode,
  CursorExpiredError,
  EpochChangedError,
  GoaldError,
  isGoaldError,
} from './errors.js';
export { type EventOptions, EventStream } from './event-stream.js';
export type { HomeOptions } from './home.js';
export type { ConnectionState } from './link.js';
export {
  type Lint,
  LINT_CODES,
  type LintCode,
  type LintContext,
  type LintFinding,
  lintObjective,
  type SuggestedCheck,
} from './lint/lint.js';
export { daemonAnswers, readService, stopDaemon } from './service.js';
