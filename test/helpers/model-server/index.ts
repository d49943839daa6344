export { ModelServer, startModelServer } from './model-server.js';
export { byProgress, calls, says, sequence, toolCall } from './scripts.js';
export type * from './types.js';
