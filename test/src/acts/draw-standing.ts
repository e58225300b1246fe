import type { AnchorRootPayload, RootState, StandingCommand } from '@coldchain/chaincode/protocol';
import type { Proposal } from './act.js';
import { EXPIRED, FAR_FUTURE, LASTING, type Model, REGULATOR } from './model.js';

const HOUR_MS = 3_600_000;
const EPOCH = Date.UTC(2024, 0, 1);

/** Draws acts without an event: mostly what its party may do, sometimes anything. */
export const STANDING: { readonly [Name in StandingCommand]: (model: Model) => Proposal<Name> } = {
  registerParty: (model) => {
    const { draw, members, registered } = model;
    const suspended = members.filter(({ party }) =>
      registered.some((known) => known.party === party && known.state === 'suspended'),
    );
    const stranger = { party: model.stranger, roles: [], prefixes: [] };
    const anybody = draw.one(members, stranger);
    const member = draw.chance(0.8) ? draw.one(suspended, anybody) : anybody;
    const { party, prefixes } = member;
    const roles = draw.chance(0.85) ? member.roles : [draw.one(['distributor', 'destroyer', 'pharmacy'] as const)];
    const caller = draw.chance(0.85) ? REGULATOR : draw.one(model.parties, REGULATOR);
    return { party: caller, payload: { party, roles, prefixes } };
  },

  suspendParty: (model) => {
    const { draw, parties } = model;
    const caller = draw.chance(0.8) ? REGULATOR : draw.one(parties, REGULATOR);
    return { party: caller, payload: { party: draw.chance(0.35) ? REGULATOR : draw.one(parties, REGULATOR) } };
  },

  publishProfile: (model) => {
    const { draw, gtins, members } = model;
    const gtin = draw.one(gtins, '');
    const owner = members[gtins.indexOf(gtin) === 2 ? 1 : 0]?.party ?? '';
    const ranges = [
      { name: 'above 8', comparator: '>' as const, limitMilliCelsius: 8000, allowedMs: 10 * HOUR_MS },
      { name: 'above 25', comparator: '>=' as const, limitMilliCelsius: 25_000, allowedMs: HOUR_MS },
    ].slice(0, gtins.indexOf(gtin) + 1);
    const profile = {
      gtin,
      version: draw.integer(1, 3),
      storage: { minMilliCelsius: 2000, maxMilliCelsius: draw.chance(0.9) ? 8000 : 25_000 },
      ranges,
      combine: gtins.indexOf(gtin) === 1 ? ('sum' as const) : ('independent' as const),
      freeze: { comparator: '<=' as const, limitMilliCelsius: -500, consecutiveMs: HOUR_MS },
      humidity: null,
      evidence: 'logger' as const,
      gap: { allowedMs: HOUR_MS, policy: 'unknown' as const },
      longestTransitMs: null,
      openingMs: ranges.map((_, index) => index * 60_000),
    };
    const rival = members[gtins.indexOf(gtin) === 2 ? 0 : 1]?.party ?? '';
    return {
      party: draw.chance(0.75) ? owner : draw.one([...model.parties, rival, rival, rival], owner),
      payload: { profile },
    };
  },

  registerDevice: (model) => {
    const { draw, devices } = model;
    const known = draw.chance(0.5) ? draw.one(devices, undefined) : undefined;
    const device = known?.device ?? model.fresh('device');
    const publicKey = known === undefined || draw.chance(0.8) ? draw.hex(`key ${device}`) : model.fresh('key');
    const calibrationDue = draw.one([EXPIRED, '2099-06-30', LASTING]);
    const anybody = draw.one(model.parties, REGULATOR);
    return {
      party: draw.chance(0.8) ? (known?.owner ?? anybody) : anybody,
      payload: { device, publicKey, calibrationDue },
    };
  },

  revokeDevice: (model) => {
    const { draw } = model;
    const known = draw.one(model.devices, undefined);
    const device = known === undefined || draw.chance(0.1) ? model.fresh('device') : known.device;
    const party = draw.chance(0.8) ? (known?.owner ?? REGULATOR) : draw.one(model.parties, REGULATOR);
    return { party, payload: { device } };
  },

  grantAccess: (model) => {
    const { draw } = model;
    const unit = draw.one(model.units, undefined);
    const batch = draw.one(model.batches, undefined);
    const object =
      draw.chance(0.6) || batch === undefined
        ? { type: 'unit' as const, key: unit?.unit ?? model.fresh('unit') }
        : { type: 'batch' as const, key: batch.batch };
    const owner = object.type === 'unit' ? unit?.custodian : batch?.owner;
    const until = draw.one([0, EPOCH, FAR_FUTURE]);
    const party = draw.one(model.parties, REGULATOR);
    return { party: draw.chance(0.8) ? (owner ?? party) : party, payload: { object, party, until } };
  },

  revokeAccess: (model) => {
    const { draw } = model;
    const known = draw.one(model.accesses, undefined);
    const object = known?.object ?? { type: 'unit' as const, key: model.fresh('unit') };
    const party = known?.party ?? draw.one(model.parties, REGULATOR);
    const caller = draw.chance(0.8) ? (known?.grantedBy ?? party) : draw.one(model.parties, party);
    return { party: caller, payload: { object, party } };
  },

  anchorRoot: (model) => {
    const { draw, roots } = model;
    const known = draw.chance(0.2) ? undefined : draw.one(roots, undefined);
    const own = roots.filter(({ log }) => log === known?.log);
    const again = draw.chance(0.15) ? draw.one(own, undefined) : undefined;
    const payload =
      again === undefined ? nextRoot(model, known?.log ?? model.fresh('log'), own) : rootAgain(model, again);
    const anybody = draw.one(model.parties, REGULATOR);
    return { party: draw.chance(0.85) ? (known?.party ?? anybody) : anybody, payload };
  },
};

/** The root that follows, now and then with a hole, another predecessor or a window that does not fit. */
function nextRoot(model: Model, log: string, own: readonly RootState[]): AnchorRootPayload {
  const { draw } = model;
  const index = own.length + (draw.chance(0.1) ? 1 : 0);
  const from = EPOCH + index * HOUR_MS - (draw.chance(0.08) ? 2 * HOUR_MS : 0);
  const to = draw.chance(0.05) ? FAR_FUTURE : from + (draw.chance(0.05) ? -1 : HOUR_MS);
  const previous = draw.chance(0.1) ? draw.hex('another root') : (own.at(-1)?.root ?? null);
  return { log, index, root: model.fresh('root'), count: draw.integer(1, 1000), window: { from, to }, previous };
}

/** A root that stands there, or another one in its place. */
function rootAgain(model: Model, { log, index, root, count, window, previous }: RootState): AnchorRootPayload {
  const other = model.draw.chance(0.5) ? root : model.fresh('root');
  return { log, index, root: other, count, window, previous };
}
