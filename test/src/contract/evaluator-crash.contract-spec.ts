import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type Database, OrganisationTransaction, type Transaction } from '@coldchain/database';
import type { EvaluatorOptions } from '@coldchain/iot-ingest/evaluate';
import { bindLogger, unbindLogger } from '@coldchain/custody';
import { carton, HOUR_MS } from './custody-world.js';
import { EvaluatorWorld } from './evaluator-world.js';

/** Where the evaluator is to die: before or after its k-th statement. */
class Injection {
  private count = 0;
  /** Which kind of transaction it died in; null: it came through. */
  died: 'process' | 'organisation' | null = null;
  private at = 0;
  private when: 'before' | 'after' = 'before';

  arm(at: number, when: 'before' | 'after'): void {
    this.count = 0;
    this.died = null;
    this.at = at;
    this.when = when;
  }

  async run<Row>(kind: 'process' | 'organisation', query: () => Promise<Row[]>): Promise<Row[]> {
    const isIt = ++this.count === this.at;
    if (isIt) this.died = kind;
    if (isIt && this.when === 'before') throw new Error(`died before statement ${this.at}`);
    const rows = await query();
    if (isIt) throw new Error(`died after statement ${this.at}`);
    return rows;
  }
}

class DyingTransaction extends OrganisationTransaction {
  constructor(
    private readonly inner: Transaction,
    readonly organisationId: number,
    private readonly injection: Injection,
  ) {
    super();
  }

  query<Row>(sql: string, parameters: readonly unknown[] = []): Promise<Row[]> {
    const kind = this.organisationId === 0 ? 'process' : 'organisation';
    return this.injection.run(kind, () => this.inner.query<Row>(sql, parameters));
  }
}

function dying(database: Database, injection: Injection): EvaluatorOptions['database'] {
  return {
    pool: database.pool,
    asProcess: (work) => database.asProcess((inner) => work(new DyingTransaction(inner, 0, injection))),
    withOrganisation: (id, work) =>
      database.withOrganisation(id, (inner) => work(new DyingTransaction(inner, id, injection))),
  };
}

const TABLES = [
  'leg',
  'leg_checkpoint',
  'leg_disagreement',
  'excursion',
  'alarm',
  'deviation_case',
  'case_entry',
  'custody_event',
  'outbox',
  'expected_object',
];

let world: EvaluatorWorld;
let injection: Injection;

beforeEach(async () => {
  injection = new Injection();
  world = await EvaluatorWorld.open(undefined, (database) => dying(database, injection));
});

afterEach(async () => {
  await world.close();
});

/** Everything that an evaluation may write, as text. */
async function written(): Promise<string> {
  const parts = [];
  for (const table of TABLES) {
    const [row] = await world.custody.owner.query<{ rows: string | null }>(
      `SELECT string_agg(t::text, E'\\n' ORDER BY t::text) AS rows FROM ${table} t`,
    );
    parts.push(`${table}:\n${row?.rows ?? ''}`);
  }
  return parts.join('\n');
}

const count = async (table: string): Promise<number> => {
  const [row] = await world.custody.owner.query<{ rows: number }>(`SELECT count(*) AS rows FROM ${table}`);
  return row?.rows ?? 0;
};

/** Dies at every statement of a look in turn until a look comes through; returns how many times it died. */
async function dieEverywhere(when: 'before' | 'after'): Promise<number> {
  const before = await written();
  let done: string | null = null;
  for (let at = 1; ; at++) {
    injection.arm(at, when);
    const failed = await world.evaluate().then(
      () => null,
      (error: unknown) => (error instanceof Error ? error : new Error(String(error))),
    );
    const after = await written();
    if (injection.died === null) {
      if (failed !== null) throw failed;
      expect(after).not.toBe(before);
      if (done !== null) expect(after).toBe(done);
      return at - 1;
    }
    expect(failed).not.toBeNull();
    // Only the note of how far the evaluator got comes in a transaction of its own, when all is done: without it the
    // same is evaluated once more, and changes nothing.
    if (after !== before) {
      expect(injection.died).toBe('process');
      if (done !== null) expect(after).toBe(done);
      done = after;
    }
  }
}

describe('an evaluator that dies at a statement', () => {
  it.each(['before', 'after'] as const)(
    'leaves all of an evaluation or nothing: %s each',
    async (when) => {
      world.custody.clock.advance(60 * HOUR_MS);
      await world.measure(0, 20, (hour) => (hour >= 5 && hour < 16 ? 9 : 5));
      await world.measure(24, 40, (hour) => (hour > 30 && hour < 31 ? -2 : 5));
      expect(await dieEverywhere(when)).toBeGreaterThan(15);
      expect([await count('leg_checkpoint'), await count(`excursion WHERE rule = 'above-storage'`)]).toEqual([1, 1]);
      const events = await count('custody_event');
      // What comes late goes on from a checkpoint, closes and removes excursions, and is recorded again.
      world.custody.clock.advance(1_000);
      await world.measure(20, 24, () => 9);
      expect(await dieEverywhere(when)).toBeGreaterThan(15);
      expect(await count('custody_event')).toBe(events + 1);
    },
    120_000,
  );

  it.each(['before', 'after'] as const)(
    'leaves all of an evaluation of several sources or nothing: %s each',
    async (when) => {
      const { custody } = world;
      await custody.logger('maker', 'LOG-2');
      await custody.as('maker', (context) => bindLogger(context, { sscc: carton(1), logger: 'LOG-2' }));
      custody.clock.advance(60 * HOUR_MS);
      await world.measure(0, 20, (hour) => (hour >= 5 && hour < 16 ? 9 : 5));
      await world.measure(24, 40, () => 5);
      await world.measure(0, 8, () => 5.5, 'LOG-2');
      await world.measure(9, 20, () => 5.5, 'LOG-2');
      expect(await dieEverywhere(when)).toBeGreaterThan(15);
      expect(await count('leg_disagreement')).toBe(2);
      // What comes late makes one disagreement of two; a source that goes changes what is known from then on.
      custody.clock.advance(1_000);
      await world.measure(8, 9, () => 5.5, 'LOG-2');
      await custody.as('maker', (context) => unbindLogger(context, { sscc: carton(1), logger: 'LOG-2' }));
      expect(await dieEverywhere(when)).toBeGreaterThan(15);
      expect(await count('leg_disagreement')).toBe(1);
    },
    120_000,
  );
});
