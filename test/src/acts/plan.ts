import type { Command, CommandPayloads, EventPayload } from '@coldchain/chaincode/protocol';
import type { Act } from './act.js';
import { GOODS } from './draw-goods.js';
import { HOLDS } from './draw-holds.js';
import { STANDING } from './draw-standing.js';
import { FAR_FUTURE, Model, REGULATOR } from './model.js';

const DRAWERS = { ...STANDING, ...GOODS, ...HOLDS };

/** How often each command is drawn. */
const WEIGHTS: Readonly<Record<Command, number>> = {
  registerParty: 4,
  suspendParty: 1.2,
  publishProfile: 2,
  registerBatch: 3,
  certifyBatch: 3,
  addPacks: 3,
  recallBatch: 1.5,
  liftRecall: 2.5,
  aggregateUnit: 9,
  disaggregateUnit: 5,
  shipUnits: 9,
  cancelShipment: 2,
  receiveUnits: 9,
  refuseReceipt: 1.5,
  receiveUnannounced: 2,
  resolveDiscrepancy: 4,
  recordObservation: 4,
  recordExposure: 7,
  placeHold: 3,
  assessHold: 4,
  releaseHold: 6,
  decommissionPack: 7,
  revertDecommission: 3,
  registerDevice: 3,
  bindDevice: 5,
  revokeDevice: 1.5,
  grantAccess: 2.5,
  revokeAccess: 2,
  anchorRoot: 4,
};
const AIMED_DRAWS = 5;

function drawn(model: Model): Act {
  const command = model.draw.weighted(WEIGHTS);
  const { party, payload } = DRAWERS[command](model);
  return spoilt(model, { party, command, payload });
}

const isEvent = (payload: CommandPayloads[Command]): payload is CommandPayloads[Command] & EventPayload =>
  'commitment' in payload;

/** Now and then the same act again, an old commitment, another time, or something that is no payload. */
function spoilt(model: Model, act: Act): Act {
  const { draw, acts } = model;
  if (draw.chance(0.035)) return draw.one(acts, act);
  const earlier = acts.filter(({ payload }) => isEvent(payload));
  const known = draw.one(earlier, act).payload;
  if (isEvent(act.payload)) {
    if (isEvent(known) && draw.chance(0.02)) return with_(act, { commitment: known.commitment });
    if (draw.chance(0.02)) return with_(act, { eventTime: FAR_FUTURE });
    if (draw.chance(0.04)) return with_(act, { eventTime: model.now - draw.integer(1, 10_000) * 60_000 });
  }
  const lists = ['units', 'children', 'sources'].filter((name) => Object.hasOwn(act.payload, name));
  const list = draw.one(lists, 'units');
  if (lists.length > 0 && draw.chance(0.015)) {
    const [first = ''] =
      (Object.entries(act.payload).find(([name]) => name === list)?.[1] as string[] | undefined) ?? [];
    return with_(act, { [list]: [first === '' ? model.fresh('unit') : first, first === '' ? draw.hex('x') : first] });
  }
  if (lists.length > 0 && draw.chance(0.01)) {
    return with_(act, { [list]: Array.from({ length: 51 }, (_, at) => draw.hex(`one of many ${at}`)) });
  }
  return draw.chance(0.015) ? with_(act, { [draw.one(['note', 'commitment', 'units', 'batch'])]: 'nothing' }) : act;
}

/** Whatever the type says: ledgers get bytes. */
const with_ = (act: Act, members: object): Act => ({ ...act, payload: { ...act.payload, ...members } });

/** What every world begins with: parties, products, two batches. */
function* beginning(model: Model): Generator<() => Act> {
  for (const { party, roles, prefixes } of model.members) {
    yield () => ({ party: REGULATOR, command: 'registerParty', payload: { party, roles, prefixes } });
  }
  for (const command of [
    'publishProfile',
    'publishProfile',
    'publishProfile',
    'registerBatch',
    'registerBatch',
    'addPacks',
    'addPacks',
    'certifyBatch',
    'aggregateUnit',
    'aggregateUnit',
    'aggregateUnit',
  ] as const) {
    yield () => ({ command, ...DRAWERS[command](model) });
  }
}

/** Draws until the rules accept one, up to so many times; else the last one stays. */
async function aimed(model: Model, draw: () => Act, times: number): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const act = draw();
    const decision = await model.judge(act);
    if (!decision.ok && attempt < times) continue;
    return model.append(act, decision);
  }
}

/**
 * Worlds with their acts in order: the same for the same seed, wherever and whenever. In a world an act may depend on
 * those before it; worlds share nothing and may run beside each other.
 * @param share how often an act is drawn anew until the rules accept it
 */
export async function planActs(seed: string, worlds: number, actsPerWorld: number, share = 0.3): Promise<Model[]> {
  const models = Array.from({ length: worlds }, (_, index) => new Model(seed, index));
  for (const model of models) {
    for (const draw of beginning(model)) await aimed(model, draw, 20);
    while (model.acts.length < actsPerWorld) {
      await aimed(model, () => drawn(model), model.draw.chance(share) ? AIMED_DRAWS : 1);
    }
  }
  return models;
}
