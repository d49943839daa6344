import { CONNECTION_CASES } from './cases/connection.js';
import { testFaults } from './support/fault-case.js';

// Short, so that silence is over soon.
testFaults(CONNECTION_CASES, { firstByteTimeoutSeconds: 1, streamIdleTimeoutSeconds: 1 });
