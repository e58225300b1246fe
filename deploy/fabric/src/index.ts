export { chaincodeDigest } from './chaincode-build.js';
export { FabricError, type FabricCode } from './fabric-error.js';
export { type DeployReport, FabricNetwork, type FabricSettings, type UpReport } from './fabric-network.js';
export type { Identity } from './identity/identities.js';
export type { Endpoint, NetworkProfile, OrganisationProfile } from './network-file.js';
export type { NetworkStatus, OrganisationStatus, ProcessStatus } from './network-status.js';
export { type Installation, installPrograms, type ProgramSettings } from './programs.js';
