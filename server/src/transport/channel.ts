/** What transport makes and rpc lives on. Declared there: rpc must not know its transports. */
export type { MessageChannel } from '../rpc/message-channel.js';
