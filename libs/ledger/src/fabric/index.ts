export { type Attestation, type Attested, verifyAttestation } from './attestation.js';
export type { ChannelConfiguration } from './channel-configuration.js';
export { FabricLedger, type FabricLedgerOptions } from './fabric-ledger.js';
