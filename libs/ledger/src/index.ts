export * from './ledger-error.js';
export * from './ledger.js';
