import { CLAIM_FAULTS } from './claims.mjs';
import { COMMAND_LINE_FAULTS } from './command-line.mjs';
import { DECISION_FAULTS } from './decisions.mjs';
import { KERNEL_FAULTS } from './kernels.mjs';
import { ROW_FAULTS } from './rows.mjs';
import { SCALAR_FAULTS } from './scalar.mjs';
import { WRAPPER_FAULTS } from './wrapper.mjs';

/**
 * A deliberate fault that changes a promised result, and the test that must turn red (scripts/check/faults.mjs).
 *
 * @typedef {object} Fault
 * @property {string} id
 * @property {string} what      the fault in words
 * @property {string} file      what it changes, from the root
 * @property {string} find      stands in the file exactly once
 * @property {string} replace
 * @property {'simd' | 'relaxed' | 'scalar'} tier
 * @property {string} test      file of the test that must catch it
 * @property {string} name      part of that test's full title
 */

/**
 * A change that breaks no promise: listed with the reason, not run and not counted.
 *
 * @typedef {Pick<Fault, 'id' | 'what' | 'file' | 'find' | 'replace'> & { proof: string }} Equivalent
 */

/** @type {Fault[]} */
export const FAULTS = [
  ...KERNEL_FAULTS,
  ...WRAPPER_FAULTS,
  ...SCALAR_FAULTS,
  ...CLAIM_FAULTS,
  ...ROW_FAULTS,
  ...DECISION_FAULTS,
  ...COMMAND_LINE_FAULTS,
];

export { EQUIVALENT } from './equivalent.mjs';
