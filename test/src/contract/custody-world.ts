import type { PartyRole, ProductProfile } from '@coldchain/chaincode/protocol';
import type { ActContext, ActingOrganisation } from '@coldchain/custody';
import { Database } from '@coldchain/database';
import {
  glnOf,
  gtinOf,
  type LocalDate,
  parseLocalDate,
  parseLot,
  parseSerial,
  type Serial,
  type Sscc,
  ssccOf,
} from '@coldchain/gs1';
import { ManualClock, SeededRandom } from '@coldchain/kernel';
import { type TestDatabase, testDatabase } from '../support/test-database.js';

/** An organisation of a custody spec. */
export type Actor = 'maker' | 'carrier' | 'north' | 'south' | 'authority';

const ACTORS: Readonly<Record<Actor, { readonly msp: string; readonly role: PartyRole; readonly prefix: string }>> = {
  maker: { msp: 'ManufacturerMSP', role: 'manufacturer', prefix: '9520001' },
  carrier: { msp: 'DistributorMSP', role: 'distributor', prefix: '9520002' },
  north: { msp: 'PharmacyMSP', role: 'pharmacy', prefix: '9520003' },
  south: { msp: 'PharmacyMSP', role: 'pharmacy', prefix: '9520004' },
  authority: { msp: 'RegulatorMSP', role: 'regulator', prefix: '9520005' },
};

export const HOUR_MS = 3_600_000;
export const GTIN = gtinOf('9520001', 10001);
export const LOT = parseLot('AV1');
export const EXPIRY: LocalDate = parseLocalDate('2030-12-31');
export const carton = (number: number): Sscc => ssccOf('9520001', number);
export const serials = (from: number, to: number): Serial[] =>
  Array.from({ length: to - from + 1 }, (_, index) => parseSerial(`S${from + index}`));

export const PROFILE: ProductProfile = {
  gtin: GTIN,
  version: 1,
  storage: { minMilliCelsius: 2_000, maxMilliCelsius: 8_000 },
  ranges: [{ name: 'above 8 °C', comparator: '>', limitMilliCelsius: 8_000, allowedMs: 10 * HOUR_MS }],
  combine: 'independent',
  freeze: { comparator: '<=', limitMilliCelsius: -500, consecutiveMs: HOUR_MS },
  humidity: null,
  evidence: 'logger',
  gap: { allowedMs: HOUR_MS, policy: 'unknown' },
  longestTransitMs: null,
  openingMs: [0],
};

/** Parties registered on the ledger's read model, in a database of its own: acts can be captured, none is anchored. */
export class CustodyWorld {
  readonly clock = new ManualClock(Date.parse('2026-06-01T00:00:00Z'));
  readonly random = new SeededRandom('custody');

  private constructor(
    private readonly database: TestDatabase,
    readonly owner: Database,
    readonly api: Database,
    private readonly organisations: ReadonlyMap<Actor, ActingOrganisation>,
  ) {}

  static async open(): Promise<CustodyWorld> {
    const database = await testDatabase();
    const owner = Database.open({ url: database.url, role: null, applicationName: 'custody-world' });
    const api = Database.open({ url: database.url, role: 'cct_api', applicationName: 'custody-world' });
    const organisations = new Map<Actor, ActingOrganisation>();
    for (const [slug, { msp, role, prefix }] of Object.entries(ACTORS) as [Actor, (typeof ACTORS)[Actor]][]) {
      const party = `${msp}:${slug}`;
      const gln = glnOf(prefix, 1);
      const [row] = await owner.query<{ id: number }>(
        `INSERT INTO organisation (slug, name, party, gln, prefixes, roles, served)
         VALUES ($1, $1, $2, $3, $4, $5, true) RETURNING id`,
        [slug, party, gln, [prefix], [role]],
      );
      if (row === undefined) throw new Error('no row');
      await owner.query(
        `INSERT INTO ledger_object (object_type, object_key, state, block, transaction_id) VALUES ('party', $1, $2, 0, $1)`,
        [party, JSON.stringify({ party, roles: [role], prefixes: [prefix], state: 'authorised' })],
      );
      organisations.set(slug, { id: row.id, slug, party, gln });
    }
    return new CustodyWorld(database, owner, api, organisations);
  }

  /** Address of the database, as its owner. */
  get url(): string {
    return this.database.url;
  }

  /** Runs acts in one transaction of an organisation. */
  as<Result>(actor: Actor, work: (context: ActContext) => Promise<Result>): Promise<Result> {
    const organisation = this.organisation(actor);
    return this.api.withOrganisation(organisation.id, (transaction) =>
      work({ transaction, organisation, clock: this.clock, random: this.random }),
    );
  }

  organisation(actor: Actor): ActingOrganisation {
    const organisation = this.organisations.get(actor);
    if (organisation === undefined) throw new Error(actor);
    return organisation;
  }

  /** Registers a logger for an organisation, as its owner would. */
  async logger(actor: Actor, serial: string): Promise<void> {
    await this.owner.query(
      'INSERT INTO logger (organisation_id, serial, interval_ms, registered) VALUES ($1, $2, 300000, true)',
      [this.organisation(actor).id, serial],
    );
  }

  async close(): Promise<void> {
    await this.api.close();
    await this.owner.close();
    await this.database.close();
  }
}
