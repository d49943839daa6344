export { EXIT, EXIT_OF_STATUS, type ExitCode } from './exit-codes.js';
export { runCli } from './program.js';
