export { verifyAttestation } from './attestation.js';
export { EmbeddedLedger, type EmbeddedLedgerOptions } from './embedded-ledger.js';
export { verifyBlock } from './sealed-block.js';
