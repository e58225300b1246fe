import type { AnchoredCommand, BatchState, LegRecord, UnitState } from '@coldchain/chaincode/protocol';
import { packPath, packRoot } from '@coldchain/chaincode/domain';
import type { Proposal } from './act.js';
import { EXPIRED, LASTING, type Model, REGULATOR } from './model.js';
import { aside, ownerOf, some, unitsWhere } from './pick.js';

type GoodsCommand = Exclude<AnchoredCommand, HoldCommand>;
type HoldCommand = 'placeHold' | 'assessHold' | 'releaseHold';

const HOUR_MS = 3_600_000;
const free = (unit: UnitState): boolean => unit.parent === null && unit.status !== 'dissolved';
const atHand = (unit: UnitState): boolean => free(unit) && unit.status === 'held-by-custodian';
const onItsWay = (unit: UnitState): boolean => free(unit) && unit.status === 'in-transit';

const batchOf = (model: Model, wanted: (batch: BatchState) => boolean = () => true): BatchState | undefined => {
  const fitting = model.batches.filter(wanted);
  return model.draw.one(model.draw.chance(0.85) && fitting.length > 0 ? fitting : model.batches, undefined);
};

const named = (model: Model, batch: BatchState | undefined): { readonly batch: string } => ({
  batch: batch === undefined || model.draw.chance(0.03) ? model.fresh('batch') : batch.batch,
});

/** Draws acts about batches, units and packs: mostly what its party may do, sometimes anything. */
export const GOODS: { readonly [Name in GoodsCommand]: (model: Model) => Proposal<Name> } = {
  registerBatch: (model) => {
    const { draw } = model;
    const profile = draw.one(model.profiles, undefined);
    const known = draw.chance(0.08) ? draw.one(model.batches, undefined) : undefined;
    const payload = {
      ...model.event(),
      batch: known?.batch ?? model.fresh('batch'),
      profile:
        profile === undefined || draw.chance(0.12) ? `${model.gtins[0]}/9` : `${profile.gtin}/${profile.version}`,
      expiry: draw.chance(0.15) ? EXPIRED : LASTING,
    };
    const owner = model.members[profile?.gtin === model.gtins[2] ? 1 : 0]?.party;
    return { party: aside(model, owner, 0.1), payload };
  },

  certifyBatch: (model) => {
    const batch = batchOf(model, ({ certified }) => !certified);
    return { party: aside(model, batch?.owner, 0.15), payload: { ...model.event(), ...named(model, batch) } };
  },

  addPacks: (model) => {
    const batch = batchOf(model, ({ packRoots }) => packRoots.length < 3);
    const { batch: key } = named(model, batch);
    const root = packRoot(model.packs(key, batch?.packRoots.length ?? 0));
    return { party: aside(model, batch?.owner, 0.15), payload: { ...model.event(), batch: key, root } };
  },

  recallBatch: (model) => {
    const { draw } = model;
    const batch = batchOf(model, ({ recall }) => recall === null);
    const payload = {
      ...model.event(),
      ...named(model, batch),
      class: draw.one([1, 2, 3] as const),
      depth: draw.one(['wholesale', 'pharmacy', 'patient'] as const),
    };
    return { party: aside(model, draw.chance(0.4) ? REGULATOR : batch?.owner, 0.15), payload };
  },

  liftRecall: (model) => {
    const batch = batchOf(model, ({ recall }) => recall !== null);
    const by = model.draw.chance(0.4) ? batch?.owner : (batch?.recall?.by ?? batch?.owner);
    return { party: aside(model, by, 0.15), payload: { ...model.event(), ...named(model, batch) } };
  },

  aggregateUnit: (model) => {
    const { draw } = model;
    const straight = draw.chance(0.5) || model.units.length < 4;
    const batch = draw.one(model.batches, undefined);
    const giver = unitsWhere(model, atHand, 1)[0];
    const siblings = unitsWhere(model, (unit) => atHand(unit) && unit.custodian === giver?.custodian, 3);
    const children = straight ? [] : siblings.filter((_, at) => at % 2 === 0);
    const sources = straight ? [] : siblings.filter((unit) => !children.includes(unit));
    const empty = draw.chance(0.03);
    const payload = {
      ...model.event(),
      unit: draw.chance(0.06) ? (draw.one(model.units, undefined)?.unit ?? '') : model.fresh('unit'),
      children: empty ? [] : children.map(({ unit }) => unit),
      sources: empty ? [] : sources.map(({ unit }) => unit),
      batches: straight && !empty ? some(model, batch?.batch, 'batch') : [],
    };
    return { party: aside(model, straight ? batch?.owner : giver?.custodian, 0.12), payload };
  },

  disaggregateUnit: (model) => {
    const { draw } = model;
    const [unit] = unitsWhere(
      model,
      ({ children, ...rest }) => atHand({ children, ...rest }) && children.length > 0,
      1,
    );
    const strange = draw.chance(0.15) ? draw.one(model.units, undefined)?.unit : undefined;
    const children = strange === undefined ? draw.some(unit?.children ?? [], 3) : [strange];
    const payload = { ...model.event(), unit: unit?.unit ?? model.fresh('unit'), children };
    return { party: aside(model, unit?.custodian, 0.12), payload };
  },

  shipUnits: (model) => {
    const { draw } = model;
    const units = unitsWhere(model, atHand, 3);
    const [first] = units;
    const together = units.filter((unit) => unit.custodian === first?.custodian);
    const receiver = draw.chance(0.15) ? ownerOf(model, first) : draw.one(model.parties, REGULATOR);
    const payload = {
      ...model.event(),
      units: some(
        model,
        together.map(({ unit }) => unit),
        'unit',
      ),
      receiver,
    };
    return { party: aside(model, first?.custodian, 0.1), payload };
  },

  cancelShipment: (model) => {
    const [unit] = unitsWhere(model, onItsWay, 1);
    const payload = { ...model.event(), units: some(model, unit?.unit, 'unit') };
    return { party: aside(model, unit?.custodian, 0.15), payload };
  },

  receiveUnits: (model) => {
    const { draw } = model;
    const units = unitsWhere(model, onItsWay, 3);
    const [first] = units;
    const together = units.filter((unit) => unit.receiver === first?.receiver).map(({ unit }) => unit);
    const discrepancy = draw.chance(0.12) ? model.fresh('discrepancy') : null;
    const payload = { ...model.event(), units: some(model, together, 'unit'), discrepancy };
    return { party: aside(model, first?.receiver ?? undefined, 0.12), payload };
  },

  refuseReceipt: (model) => {
    const [unit] = unitsWhere(model, onItsWay, 1);
    const payload = {
      ...model.event(),
      units: some(model, unit?.unit, 'unit'),
      discrepancy: model.fresh('discrepancy'),
    };
    return { party: aside(model, unit?.receiver ?? undefined, 0.12), payload };
  },

  receiveUnannounced: (model) => {
    const { draw } = model;
    const [unit] = unitsWhere(model, draw.chance(0.7) ? free : onItsWay, 1);
    const payload = { ...model.event(), units: some(model, unit?.unit, 'unit') };
    const claimant = draw.chance(0.15) ? unit?.receiver : draw.one(model.parties, REGULATOR);
    return { party: claimant ?? draw.one(model.parties, REGULATOR), payload };
  },

  resolveDiscrepancy: (model) => {
    const { draw } = model;
    const [unit] = unitsWhere(model, ({ claimedBy }) => claimedBy !== null, 1);
    const byCustodian = draw.chance(0.5);
    const keeper = draw.chance(0.5) ? unit?.claimedBy : unit?.custodian;
    const custodyTo = byCustodian !== draw.chance(0.05) ? (keeper ?? null) : null;
    const payload = { ...model.event(), units: some(model, unit?.unit, 'unit'), custodyTo };
    return { party: aside(model, (byCustodian ? unit?.custodian : unit?.claimedBy) ?? undefined, 0.1), payload };
  },

  recordObservation: (model) => {
    const units = unitsWhere(model, free, 4);
    const [first] = units;
    const together = units.filter((unit) => unit.custodian === first?.custodian).map(({ unit }) => unit);
    return {
      party: aside(model, first?.custodian, 0.12),
      payload: { ...model.event(), units: some(model, together, 'unit') },
    };
  },

  recordExposure: (model) => {
    const { draw } = model;
    const [unit] = unitsWhere(model, () => true, 1);
    const holders = [unit?.custodian ?? REGULATOR, ...(unit?.previousCustodians ?? [])];
    const known = draw.chance(0.4) ? draw.one(unit?.legs ?? [], undefined) : undefined;
    const custodian = known?.custodian ?? draw.one(holders, REGULATOR);
    const party = aside(model, custodian, 0.1);
    const record: LegRecord = {
      leg: known?.leg ?? model.fresh('leg'),
      revision: known === undefined ? 1 : known.revision + (draw.chance(0.85) ? 1 : 0),
      custodian: draw.chance(0.93) ? party : custodian,
      durationMs: draw.integer(1, 30) * HOUR_MS,
      gapMs: draw.chance(0.2) ? draw.integer(0, HOUR_MS) : 0,
      coldestMilliCelsius: draw.integer(-2000, 4000),
      hottestMilliCelsius: draw.integer(4001, 30_000),
      exposures: exposures(model, unit),
      histogram: draw.hex('histogram'),
      ...(draw.chance(0.7) ? { startedAt: model.now - draw.integer(0, 600) * 60_000 } : {}),
    };
    return { party, payload: { ...model.event(), unit: unit?.unit ?? model.fresh('unit'), record } };
  },

  decommissionPack: (model) => {
    const { draw } = model;
    const [unit] = unitsWhere(model, atHand, 1);
    const key = draw.chance(0.06) ? batchOf(model)?.batch : draw.one(unit?.batches ?? [], undefined)?.batch;
    const batch = model.batches.find((one) => one.batch === key) ?? batchOf(model);
    const run = draw.integer(0, Math.max(0, (batch?.packRoots.length ?? 0) - (draw.chance(0.05) ? 0 : 1)));
    const packs = model.packs(batch?.batch ?? '', run);
    const index = draw.integer(0, packs.length - 1);
    const shown = draw.chance(0.94) ? index : (index + 1) % packs.length;
    const payload = {
      ...model.event(),
      pack: packs[index] ?? '',
      batch: batch?.batch ?? model.fresh('batch'),
      unit: unit?.unit ?? model.fresh('unit'),
      status: draw.chance(0.6)
        ? ('dispensed' as const)
        : draw.one(['destroyed', 'sample', 'exported', 'stolen', 'locked'] as const),
      proof: { run, index: shown, size: packs.length, path: packPath(packs, shown) },
    };
    return { party: aside(model, unit?.custodian, 0.1), payload };
  },

  revertDecommission: (model) => {
    const { draw } = model;
    const gone = model.packStates.filter(({ status }) => status !== 'active');
    const pack = draw.one(draw.chance(0.9) ? gone : model.packStates, undefined);
    const payload = { ...model.event(), pack: pack?.pack ?? model.fresh('pack') };
    return { party: aside(model, pack?.by, 0.3), payload };
  },

  bindDevice: (model) => {
    const { draw } = model;
    const device = draw.one(model.devices, undefined);
    const unbind = device?.bound !== null && draw.chance(0.5);
    const own = model.units.filter((unit) => free(unit) && unit.custodian === device?.owner);
    const other = draw.one(draw.chance(0.8) ? own : model.units, undefined)?.unit ?? model.fresh('unit');
    const payload = {
      ...model.event(),
      device: device === undefined || draw.chance(0.05) ? model.fresh('device') : device.device,
      unit: unbind && draw.chance(0.85) ? (device?.bound?.unit ?? other) : other,
      action: unbind || draw.chance(0.1) ? ('unbind' as const) : ('bind' as const),
    };
    return { party: aside(model, device?.owner, 0.12), payload };
  },
};

function exposures(model: Model, unit: UnitState | undefined): LegRecord['exposures'] {
  const { draw } = model;
  const profiles = [...new Set((unit?.batches ?? []).map(({ profile }) => profile))].sort();
  const known = new Map(model.profiles.map((profile) => [`${profile.gtin}/${profile.version}`, profile]));
  const given = draw.chance(0.05) ? profiles.slice(1) : profiles;
  return given.map((profile) => ({
    profile,
    usedMs: (known.get(profile)?.ranges ?? []).map(({ allowedMs }) =>
      draw.chance(0.12) ? draw.integer(0, 2 * allowedMs) : draw.integer(0, Math.floor(allowedMs / 10)),
    ),
    freezeRunMs: draw.chance(0.08) ? 2 * HOUR_MS : 0,
  }));
}
