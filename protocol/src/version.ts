/** Version of the goald protocol. Raised when a message changes in a way that a client can notice. */
export const PROTOCOL_VERSION = '1.0.0';
