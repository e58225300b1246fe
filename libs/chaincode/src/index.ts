import { CustodyContract } from './custody.contract';

/** What `fabric-chaincode-node` and the embedded ledger load. */
export const contracts: (typeof CustodyContract)[] = [CustodyContract];
export { CustodyContract };
