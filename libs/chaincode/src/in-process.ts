import type * as Chaincode from './index';
import { quietShim } from './quiet-shim';
import type { StateEntry } from './state-access';
import type ChaincodeFromContract = require('fabric-shim/lib/contract-spi/chaincodefromcontract');

/** What a call may ask of its surroundings: the part of Fabric's `ChaincodeStub` that the contract uses. */
export interface CallStub {
  getBufferArgs(): Buffer[];
  getTxID(): string;
  getChannelID(): string;
  getCreator(): { readonly mspid: string; readonly idBytes: Uint8Array };
  getDateTimestamp(): Date;
  /** In the order of the keys; empty where there is none. */
  getStates(keys: readonly string[]): Promise<readonly Uint8Array[]>;
  putStates(entries: readonly StateEntry[]): Promise<void>;
  setEvent(name: string, payload: Uint8Array): void;
}

/** How a call ended: status 200 with its result, or 500 with the message of the error that was thrown. */
export interface CallResponse {
  readonly status: number;
  readonly message: string;
  readonly payload: Uint8Array;
}

/** The chaincode as Fabric's own runtime would call it. */
export interface InProcessChaincode {
  invoke(stub: CallStub): Promise<CallResponse>;
}

const WATCHED = ['uncaughtException', 'unhandledRejection'] as const;

/**
 * Loads the contracts under fabric-shim's own dispatcher, for a ledger inside this process.
 *
 * fabric-shim installs handlers that log uncaught errors and go on, and logs every refusal on standard output (2.5.8,
 * lib/logger.js). Neither is wanted here: the handlers are taken off again and its log is silenced.
 */
export function loadChaincode(): InProcessChaincode {
  const before = new Map(WATCHED.map((event) => [event, process.listeners(event as 'exit')] as const));
  quietShim(['debug', 'info', 'warn', 'error']);
  const { contracts } = require('./index') as typeof Chaincode;
  const Dispatcher = require('fabric-shim/lib/contract-spi/chaincodefromcontract') as typeof ChaincodeFromContract;
  for (const event of WATCHED) {
    for (const listener of process.listeners(event as 'exit')) {
      if (before.get(event)?.includes(listener) !== true) process.removeListener(event, listener);
    }
  }
  const serializers = {
    transaction: 'jsonSerializer',
    serializers: { jsonSerializer: 'fabric-contract-api/lib/jsontransactionserializer.js' },
  };
  // The dispatcher appends its own contract to the list that it is given.
  const dispatcher = new Dispatcher([...contracts], serializers, {}, 'coldchain', '1');
  return { invoke: (stub) => dispatcher.Invoke(stub) };
}
