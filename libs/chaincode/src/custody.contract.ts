import { X509Certificate } from 'node:crypto';
import { Context, Contract } from 'fabric-contract-api';
import { buildDigest } from './build-digest';
import type { Call, Decision, StateReader, StateType } from './domain';
import { decide, decideSeed } from './domain';
import { readState, writtenEvent, writtenState } from './domain/written-form';
import type { Command, PartyId, RefusalMessage } from './protocol';
import { stateAccess } from './state-access';

/** Of the files as they were when this process loaded them. */
const BUILD_DIGEST = buildDigest(__dirname);
/** Where the party that was seeded first is kept. */
const SEED_KEY = 'seed';

/** A refusal as Fabric transports it: the JSON of its message is all that reaches the client. */
class ContractRefusal extends Error {
  constructor(refusal: RefusalMessage) {
    super(JSON.stringify({ code: refusal.code, details: refusal.details }));
  }
}

/** Common names by certificate: the same bytes always have the same, and reading them is a fifth of a call (measured). */
const commonNames = new Map<string, string>();
const MAX_COMMON_NAMES = 1000;

/** The caller: MSP id and the common name of the certificate's subject, which survives a renewal of the certificate. */
function callerOf(context: Context): PartyId {
  const { mspid, idBytes } = context.stub.getCreator();
  const certificate = Buffer.from(idBytes).toString('latin1');
  const known = commonNames.get(certificate);
  const name = known ?? commonNameOf(certificate);
  if (known === undefined) {
    if (commonNames.size >= MAX_COMMON_NAMES) commonNames.clear();
    commonNames.set(certificate, name);
  }
  return `${mspid}:${name}`;
}

function commonNameOf(certificate: string): string {
  const subject = new X509Certificate(Buffer.from(certificate, 'latin1')).subject.split('\n');
  const names = subject.filter((line) => line.startsWith('CN='));
  const name = names[0]?.slice('CN='.length);
  if (name === undefined || names.length !== 1) throw new Error('the certificate has not exactly one common name');
  return name;
}

const stateKey = (type: StateType, key: string): string => `${type}:${key}`;

async function readText(context: Context, key: string): Promise<string> {
  const [value] = await stateAccess(context.stub).getStates([key]);
  return Buffer.from(value ?? []).toString('utf8');
}

function stateReader(context: Context): StateReader {
  return async (references) => {
    const keys = references.map(({ type, key }) => stateKey(type, key));
    const values = await stateAccess(context.stub).getStates(keys);
    return references.map(({ type, key }, index) => {
      const text = Buffer.from(values[index] ?? []).toString('utf8');
      return text === '' ? undefined : readState(type, key, text);
    });
  };
}

/** What a query answers: the JSON of the whole state, or an empty string. */
async function answer(context: Context, type: StateType, key: string): Promise<string> {
  const [state] = await stateReader(context)([{ type, key }]);
  return state === undefined ? '' : JSON.stringify(state);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new ContractRefusal({ code: 'payload-invalid', details: { pointer: '', expected: 'JSON' } });
  }
}

/** Writes what was decided and gives the JSON of its result; a refusal becomes the transaction's error. */
async function settle(context: Context, decision: Decision): Promise<string> {
  if (!decision.ok) throw new ContractRefusal(decision.refusal);
  const entries = decision.writes.map(({ type, key, state }) => ({
    key: stateKey(type, key),
    value: Buffer.from(writtenState(type, state)),
  }));
  await stateAccess(context.stub).putStates(entries);
  if (decision.event !== null) {
    context.stub.setEvent(decision.event.name, Buffer.from(writtenEvent(decision.event)));
  }
  return JSON.stringify(decision.result);
}

async function run(context: Context, command: Command, payload: string): Promise<string> {
  const call: Call = {
    command,
    payload: parseJson(payload),
    caller: callerOf(context),
    proposalTime: context.stub.getDateTimestamp().getTime(),
    transactionId: context.stub.getTxID(),
  };
  return settle(context, await decide(call, stateReader(context)));
}

/**
 * The chaincode: one transaction per command with one argument, the JSON of its payload, answered with the JSON of the
 * anchor (or of the party or profile), and one query per kind of object, answered with its JSON or an empty string.
 * Methods take and give strings only, because the contract API's conversion of objects depends on a transitive package
 * (see the README).
 */
export class CustodyContract extends Contract {
  constructor() {
    super('custody');
  }

  /** Puts the regulator's own party, the caller, on an empty ledger. */
  async seedRegulator(context: Context, payload: string): Promise<string> {
    const argument = parseJson(payload);
    if (JSON.stringify(argument) !== '{}') {
      throw new ContractRefusal({ code: 'payload-invalid', details: { pointer: '', expected: 'empty object' } });
    }
    const seeded = await readText(context, SEED_KEY);
    const caller = callerOf(context);
    const decision = await decideSeed(caller, seeded === '' ? undefined : seeded);
    if (decision.ok && !decision.replay) {
      await stateAccess(context.stub).putStates([{ key: SEED_KEY, value: Buffer.from(caller) }]);
    }
    return settle(context, decision);
  }

  async registerParty(context: Context, payload: string): Promise<string> {
    return run(context, 'registerParty', payload);
  }

  async suspendParty(context: Context, payload: string): Promise<string> {
    return run(context, 'suspendParty', payload);
  }

  async publishProfile(context: Context, payload: string): Promise<string> {
    return run(context, 'publishProfile', payload);
  }

  async registerBatch(context: Context, payload: string): Promise<string> {
    return run(context, 'registerBatch', payload);
  }

  async certifyBatch(context: Context, payload: string): Promise<string> {
    return run(context, 'certifyBatch', payload);
  }

  async addPacks(context: Context, payload: string): Promise<string> {
    return run(context, 'addPacks', payload);
  }

  async recallBatch(context: Context, payload: string): Promise<string> {
    return run(context, 'recallBatch', payload);
  }

  async liftRecall(context: Context, payload: string): Promise<string> {
    return run(context, 'liftRecall', payload);
  }

  async aggregateUnit(context: Context, payload: string): Promise<string> {
    return run(context, 'aggregateUnit', payload);
  }

  async disaggregateUnit(context: Context, payload: string): Promise<string> {
    return run(context, 'disaggregateUnit', payload);
  }

  async shipUnits(context: Context, payload: string): Promise<string> {
    return run(context, 'shipUnits', payload);
  }

  async cancelShipment(context: Context, payload: string): Promise<string> {
    return run(context, 'cancelShipment', payload);
  }

  async receiveUnits(context: Context, payload: string): Promise<string> {
    return run(context, 'receiveUnits', payload);
  }

  async refuseReceipt(context: Context, payload: string): Promise<string> {
    return run(context, 'refuseReceipt', payload);
  }

  async receiveUnannounced(context: Context, payload: string): Promise<string> {
    return run(context, 'receiveUnannounced', payload);
  }

  async resolveDiscrepancy(context: Context, payload: string): Promise<string> {
    return run(context, 'resolveDiscrepancy', payload);
  }

  async recordObservation(context: Context, payload: string): Promise<string> {
    return run(context, 'recordObservation', payload);
  }

  async recordExposure(context: Context, payload: string): Promise<string> {
    return run(context, 'recordExposure', payload);
  }

  async placeHold(context: Context, payload: string): Promise<string> {
    return run(context, 'placeHold', payload);
  }

  async assessHold(context: Context, payload: string): Promise<string> {
    return run(context, 'assessHold', payload);
  }

  async releaseHold(context: Context, payload: string): Promise<string> {
    return run(context, 'releaseHold', payload);
  }

  async decommissionPack(context: Context, payload: string): Promise<string> {
    return run(context, 'decommissionPack', payload);
  }

  async revertDecommission(context: Context, payload: string): Promise<string> {
    return run(context, 'revertDecommission', payload);
  }

  async registerDevice(context: Context, payload: string): Promise<string> {
    return run(context, 'registerDevice', payload);
  }

  async bindDevice(context: Context, payload: string): Promise<string> {
    return run(context, 'bindDevice', payload);
  }

  async revokeDevice(context: Context, payload: string): Promise<string> {
    return run(context, 'revokeDevice', payload);
  }

  async grantAccess(context: Context, payload: string): Promise<string> {
    return run(context, 'grantAccess', payload);
  }

  async revokeAccess(context: Context, payload: string): Promise<string> {
    return run(context, 'revokeAccess', payload);
  }

  async anchorRoot(context: Context, payload: string): Promise<string> {
    return run(context, 'anchorRoot', payload);
  }

  async getParty(context: Context, party: string): Promise<string> {
    return answer(context, 'party', party);
  }

  async getProfile(context: Context, profile: string): Promise<string> {
    return answer(context, 'profile', profile);
  }

  async getBatch(context: Context, batch: string): Promise<string> {
    return answer(context, 'batch', batch);
  }

  async getUnit(context: Context, unit: string): Promise<string> {
    return answer(context, 'unit', unit);
  }

  async getPack(context: Context, pack: string): Promise<string> {
    return answer(context, 'pack', pack);
  }

  async getDevice(context: Context, device: string): Promise<string> {
    return answer(context, 'device', device);
  }

  async getAccess(context: Context, access: string): Promise<string> {
    return answer(context, 'access', access);
  }

  async getRoot(context: Context, root: string): Promise<string> {
    return answer(context, 'root', root);
  }

  async getAnchor(context: Context, commitment: string): Promise<string> {
    return answer(context, 'anchor', commitment);
  }

  /** The digest of the code that answers; organisations compare it with the version of the definition. */
  async getBuildDigest(_context: Context, _argument: string): Promise<string> {
    return BUILD_DIGEST;
  }
}
