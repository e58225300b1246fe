export { verifyAttestation } from './attestation.js';
export { verifyBlock } from './block-proof.js';
export { FabricLedger, type FabricLedgerOptions } from './fabric-ledger.js';
