import { afterEach, describe, expect, it } from '@jest/globals';
import {
  type ActContext,
  ActRefused,
  aggregateUnit,
  bindLogger,
  cancelShipment,
  disaggregateUnit,
  enterPlace,
  leavePlace,
  receiveUnits,
  shipUnits,
  unbindLogger,
} from '@coldchain/custody';
import type { Sscc } from '@coldchain/gs1';
import { SeededRandom } from '@coldchain/kernel';
import { type Actor, carton, GTIN, HOUR_MS, LOT, serials } from './custody-world.js';
import { EvidenceWorld, INTERVAL_MS } from './evidence-world.js';

/** `SEED=…` repeats a run; `WALKS=…` runs more of them. */
const SEED = process.env['SEED'] ?? '20261126';
const WALKS = Number(process.env['WALKS'] ?? '3');
const ROUNDS = 25;
const MINUTE = 60_000;
const [OK, MISSING] = ['ok no-objection', 'unknown evidence-missing'];
/** An act that is captured later than that is a claim: what nothing else says is not evident by it. */
const LATE_MS = 15 * MINUTE;
const LOGGERS = ['L1', 'L2', 'ROOM', 'VAN'] as const;
const PLACES = ['cold-room', 'van'] as const;
const RANGE = { name: 'above 8 °C', comparator: '>', limitMilliCelsius: 8_000, allowedMs: 3 * HOUR_MS } as const;

let world: EvidenceWorld;
afterEach(() => world.close());

/** A unit that is there, as its holder is told of it. */
interface Told {
  readonly sscc: Sscc;
  readonly custodian: Actor;
  readonly spentMs: number;
  /** By the ledger alone. */
  readonly toldMs: number;
  /** For how long something that vouches for it was heard. */
  readonly shownMs: number;
  readonly inParent: boolean;
  readonly verdict: string;
}

interface UnitRow {
  readonly sscc: Sscc;
  readonly unit_key: string;
  readonly custodian: Actor;
  readonly children: readonly string[];
  readonly toldMs: number;
  readonly shownMs: number;
  readonly inParent: boolean;
  readonly last: number;
}

/** Units that are not unpacked, by number, with what is expected of them. */
const units = (): Promise<UnitRow[]> =>
  world.api.custody.owner.query<UnitRow>(
    `SELECT u.sscc, u.unit_key, o.slug AS custodian, s.state -> 'children' AS children,
            (s.state #>> '{total,exposures,0,usedMs,0}')::bigint AS "toldMs",
            (SELECT coalesce(sum(duration_ms - gap_ms), 0)::bigint FROM leg WHERE unit_id = u.id) AS "shownMs",
            s.state ->> 'parent' IS NOT NULL AS "inParent", (s.state ->> 'lastEventTime')::bigint AS last
     FROM unit u JOIN expected_object s ON s.object_type = 'unit' AND s.object_key = u.unit_key
     JOIN organisation o ON o.party = s.state ->> 'custodian'
     WHERE s.state ->> 'status' <> 'dissolved' ORDER BY u.id`,
  );

async function told(): Promise<Told[]> {
  await world.evaluate();
  await world.api.anchorAll();
  const rows: Told[] = [];
  for (const { sscc, custodian, toldMs, shownMs, inParent } of await units()) {
    const { body } = await world.api.expect(200, 'getBudget', { as: custodian, query: { code: `(00)${sscc}` } });
    const [budget] = body['budgets'] as { ranges: { usedMs: number }[] }[];
    const verdict = await world.api.verdict(`(00)${sscc}`, custodian);
    rows.push({ sscc, custodian, spentMs: budget?.ranges[0]?.usedMs ?? 0, toldMs, shownMs, verdict, inParent });
  }
  return rows;
}

/** Legs of a unit have no minute in common. */
async function requireApart(): Promise<void> {
  const common = await world.api.custody.owner.query(
    `SELECT one.id, other.id AS other FROM leg one JOIN leg other ON other.unit_id = one.unit_id AND other.id > one.id
     WHERE tstzrange(one.started_at, one.ended_at) && tstzrange(other.started_at, other.ended_at)`,
  );
  expect(common).toEqual([]);
}

/** The account of a unit is what its legs have measured, and how long the newest readings hold on since. */
async function requireSumOfLegs(sscc: string, spentMs: number): Promise<void> {
  const [row] = await world.api.custody.owner.query<{ sum: number }>(
    `SELECT coalesce(sum((exposures #>> '{0,usedMs,0}')::bigint), 0)::bigint AS sum FROM leg l JOIN unit u ON u.id = l.unit_id
     WHERE u.sscc = $1`,
    [sscc],
  );
  const holdsOnMs = spentMs - (row?.sum ?? 0);
  expect([sscc, holdsOnMs >= 0, holdsOnMs <= INTERVAL_MS]).toEqual([sscc, true, true]);
}

/** An act in words, and by how much it was captured late. */
interface Acted {
  readonly words: string;
  readonly lateMs: number;
}

/** One act of the holder of a unit, captured now; its time is anything since the last act about what it names. */
async function act(random: SeededRandom, fresh: Sscc): Promise<Acted> {
  const pick = <Value>(values: readonly Value[]): Value => values[Math.floor(random.unit() * values.length)] as Value;
  const free = await units();
  const unit = pick(free);
  const other = pick(free);
  const now = world.api.custody.clock.now();
  const since = Math.max(unit.last, other.last, now - 3 * HOUR_MS);
  const eventTime = random.unit() < 0.3 ? now : since + Math.floor(random.unit() * (now - since));
  const [logger, place] = [pick(LOGGERS), pick(PLACES)];
  const { sscc } = unit;
  const holder = unit.custodian;
  const receiver: Actor = holder === 'maker' ? 'north' : 'maker';
  const kinds = ['bind', 'unbind', 'enter', 'leave', 'ship', 'receive', 'cancel', 'whole', 'packs', 'unpack'] as const;
  const kind = pick(kinds);
  const [packs] = await world.api.custody.owner.query<{ serials: string[] | null }>(
    `SELECT array_agg(serial ORDER BY serial) AS serials FROM pack p JOIN unit u ON u.id = p.unit_id WHERE u.sscc = $1`,
    [sscc],
  );
  const [shipment] = await world.api.custody.owner.query<{ commitment: string }>(
    `SELECT commitment FROM custody_event e JOIN custody_event_object o ON o.event_id = e.id
     WHERE e.command = 'shipUnits' AND o.object_key = $1 ORDER BY e.id DESC LIMIT 1`,
    [unit.unit_key],
  );
  const perform = (context: ActContext): Promise<unknown> => {
    switch (kind) {
      case 'bind':
        return bindLogger(context, { sscc, logger });
      case 'unbind':
        return unbindLogger(context, { sscc, logger });
      case 'enter':
        return enterPlace(context, { place, ssccs: [sscc] });
      case 'leave':
        return leavePlace(context, { place, ssccs: [sscc] });
      case 'ship':
        return shipUnits(context, { ssccs: [sscc], receiver, ...(random.unit() < 0.5 ? { place: 'van' } : {}) });
      case 'receive':
        return receiveUnits(context, { ssccs: [sscc] });
      case 'cancel':
        return cancelShipment(context, { shipment: shipment?.commitment ?? '' });
      case 'whole': {
        const children = sscc === other.sscc ? [sscc] : [sscc, other.sscc];
        return aggregateUnit(context, { sscc: fresh, children, packs: [], ...(random.unit() < 0.7 ? { logger } : {}) });
      }
      case 'packs': {
        const moved = [{ gtin: GTIN, lot: LOT, serials: serials(1, 20).filter((one) => one === packs?.serials?.[0]) }];
        return aggregateUnit(context, {
          sscc: fresh,
          children: [],
          packs: moved,
          ...(random.unit() < 0.7 ? { logger } : {}),
        });
      }
      case 'unpack': {
        const children = free.filter(({ unit_key }) => unit.children.includes(unit_key)).map((child) => child.sscc);
        return disaggregateUnit(context, { sscc, children });
      }
    }
  };
  const lateMs = now - eventTime;
  const words = `${kind} ${sscc} ${lateMs / MINUTE} min late`;
  if (kind === 'packs' && packs?.serials == null) return { words: 'no packs', lateMs };
  const by = kind === 'receive' ? receiver : holder;
  try {
    await world.api.custody.as(by, (context) => perform({ ...context, eventTime }));
  } catch (error) {
    if (!(error instanceof ActRefused)) throw error;
    return { words: `${words}: ${error.code}`, lateMs };
  }
  return { words, lateMs };
}

describe('custody acts that are dated back, changes of loggers, repacking and readings that come late', () => {
  it.each(Array.from({ length: WALKS }, (_, walk) => walk))(
    `never lower what was spent, nor make a bad verdict good (seed ${SEED}, walk %d)`,
    async (walk) => {
      const random = new SeededRandom(`${SEED}/${walk}`);
      world = await EvidenceWorld.open('location-sensor', { ranges: [RANGE] });
      await world.assign('cold-room', 'ROOM');
      await world.assign('van', 'VAN');
      const mixed = new Set<string>();
      for (const number of [1, 2]) {
        const place = number === 1 ? { logger: 'L1' } : { place: 'cold-room' };
        await world.pack(carton(number), number * 3 - 2, number * 3, place);
      }
      const history: string[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const minutes = 10 + Math.floor(random.unit() * 90);
        const begun = world.api.custody.clock.now();
        const celsius = new Map(LOGGERS.map((logger) => [logger, random.unit() < 0.3 ? 12 : 5]));
        const latest = LOGGERS.filter(() => random.unit() < 0.2);
        await world.pass(
          minutes * MINUTE - 1,
          Object.fromEntries([...celsius].filter(([logger]) => !latest.includes(logger))),
        );
        world.api.custody.clock.advance(1);
        const before = await told();
        const { words, lateMs } = await act(random, carton(100 + round));
        history.push(words);
        const after = await told();
        // Units that lie in others, or that others came out of, are charged with what those were: an upper bound.
        const relations = await world.api.custody.owner.query<{ sscc: string }>(
          `SELECT u.sscc FROM unit u JOIN expected_object s ON s.object_type = 'unit' AND s.object_key = u.unit_key
           WHERE s.state ->> 'parent' IS NOT NULL OR s.state -> 'heirs' <> '[]' OR u.sscc = ANY($1)`,
          [Array.from({ length: ROUNDS }, (_, number) => carton(100 + number))],
        );
        for (const { sscc } of relations) mixed.add(sscc);
        await requireApart();
        for (const { sscc, custodian, spentMs, toldMs, shownMs, verdict, inParent } of after) {
          const was = before.find((one) => one.sscc === sscc);
          const told = [history.slice(-8), sscc];
          if (was !== undefined) {
            // In another unit that one's account counts, and has it.
            if (!inParent) expect([...told, Math.min(toldMs - was.toldMs, 0)]).toEqual([...told, 0]);
            // Who takes goods over does not see legs of the units that they came out of: he learns of those by the ledger.
            if (custodian === was.custodian || !mixed.has(sscc)) {
              expect([...told, Math.min(spentMs - was.spentMs, 0)]).toEqual([...told, 0]);
            }
            if (was.verdict.startsWith('do-not-use')) expect([...told, verdict]).toEqual([...told, was.verdict]);
            // Acts that are captured together may tell of one another; others show nothing of the time before.
            const grownMs = shownMs - was.shownMs;
            if (lateMs > LATE_MS && minutes * MINUTE > LATE_MS) {
              expect([...told, Math.max(grownMs, LATE_MS + INTERVAL_MS)]).toEqual([...told, LATE_MS + INTERVAL_MS]);
              if (grownMs <= 0 && was.verdict === MISSING) expect([...told, verdict]).not.toEqual([...told, OK]);
            }
          }
          if (!mixed.has(sscc)) await requireSumOfLegs(sscc, spentMs);
        }
        for (const logger of latest) {
          const readings = [];
          for (let at = begun; at < begun + minutes * MINUTE; at += INTERVAL_MS) {
            readings.push({ at, milliCelsius: (celsius.get(logger) ?? 5) * 1000, humidityPermille: null });
          }
          await world.store(logger, readings);
        }
      }
      await world.evaluate();
      const evaluated = await world.evaluated();
      await world.recompute();
      expect(await world.evaluated()).toEqual(evaluated);
    },
    240_000,
  );
});
