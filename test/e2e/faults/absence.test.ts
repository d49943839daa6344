import { ABSENCE_CASES } from './cases/connection.js';
import { testFaults } from './support/fault-case.js';

testFaults(ABSENCE_CASES);
