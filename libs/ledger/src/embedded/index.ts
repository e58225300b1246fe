export { EmbeddedLedger, type EmbeddedLedgerOptions } from './embedded-ledger.js';
