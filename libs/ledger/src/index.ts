export * from './attestation.js';
export * from './ledger-error.js';
export * from './ledger.js';
export * from './proof.js';
export { VALIDATION_CODES, type ValidationCode } from './validation-code.js';
