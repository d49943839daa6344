import { STATUS_CASES } from './cases/status.js';
import { testFaults } from './support/fault-case.js';

testFaults(STATUS_CASES);
