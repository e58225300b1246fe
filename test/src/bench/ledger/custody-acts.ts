import { createHash } from 'node:crypto';
import type { Command, CommandPayloads, PartyId } from '@coldchain/chaincode/protocol';

export const REGULATOR = 'RegulatorMSP:authority';
export const MAKER = 'ManufacturerMSP:bench-maker';
export const WHOLESALER = 'DistributorMSP:bench-wholesaler';
const GTIN = '09521234000013';

/** A command of a party, ready to be sent. */
export interface Act<Name extends Command = Command> {
  readonly party: PartyId;
  readonly command: Name;
  readonly payload: CommandPayloads[Name];
}

/** 64 hex digits that follow from a name. */
const hex = (name: string): string => createHash('sha256').update(name).digest('hex');

const BATCH = hex('bench batch');

let made = 0;
/** No two acts have the same commitment. */
const event = (): { commitment: string; eventTime: number } => ({
  commitment: hex(`bench act ${++made}`),
  eventTime: Date.now(),
});

const act = <Name extends Command>(party: PartyId, command: Name, payload: CommandPayloads[Name]): Act<Name> => ({
  party,
  command,
  payload,
});

/** Two parties, a product for 2–8 °C with a budget, and a certified batch; each act needs the one before. */
export function preparations(): Act[] {
  const profile: CommandPayloads['publishProfile']['profile'] = {
    gtin: GTIN,
    version: 1,
    storage: { minMilliCelsius: 2000, maxMilliCelsius: 8000 },
    ranges: [{ name: 'above 8', comparator: '>', limitMilliCelsius: 8000, allowedMs: 36_000_000 }],
    combine: 'independent',
    freeze: null,
    humidity: null,
    evidence: 'logger',
    gap: { allowedMs: 3_600_000, policy: 'unknown' },
    longestTransitMs: null,
    openingMs: [0],
  };
  return [
    act(REGULATOR, 'registerParty', { party: MAKER, roles: ['manufacturer'], prefixes: ['9521234'] }),
    act(REGULATOR, 'registerParty', { party: WHOLESALER, roles: ['distributor'], prefixes: [] }),
    act(MAKER, 'publishProfile', { profile }),
    act(MAKER, 'registerBatch', { ...event(), batch: BATCH, profile: `${GTIN}/1`, expiry: '2099-12-31' }),
    act(MAKER, 'certifyBatch', { ...event(), batch: BATCH }),
  ];
}

/** Units that move together: one, or all that one event names. */
export class Consignment {
  readonly units: readonly string[];
  private custodian = MAKER;
  private receiver: PartyId | null = null;

  constructor(name: string, size: number) {
    this.units = Array.from({ length: size }, (_, index) => hex(`bench unit ${name} ${index}`));
  }

  /** Makes the units. */
  packing(): Act<'aggregateUnit'>[] {
    return this.units.map((unit) =>
      act(MAKER, 'aggregateUnit', { ...event(), unit, children: [], sources: [], batches: [BATCH] }),
    );
  }

  /** The next step of an endless journey: shipped to the other party, received there, shipped back, … */
  step(): Act<'shipUnits' | 'receiveUnits'> {
    if (this.receiver === null) {
      this.receiver = this.custodian === MAKER ? WHOLESALER : MAKER;
      return act(this.custodian, 'shipUnits', { ...event(), units: this.units, receiver: this.receiver });
    }
    this.custodian = this.receiver;
    this.receiver = null;
    return act(this.custodian, 'receiveUnits', { ...event(), units: this.units, discrepancy: null });
  }

  /** Quarantines the units. */
  hold(): Act<'placeHold'> {
    return act(this.custodian, 'placeHold', { ...event(), units: this.units, kind: 'security' });
  }
}
