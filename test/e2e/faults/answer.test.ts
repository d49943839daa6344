import { ANSWER_CASES } from './cases/answer.js';
import { testFaults } from './support/fault-case.js';

testFaults(ANSWER_CASES);
