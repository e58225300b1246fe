import type { Sscc } from '@coldchain/gs1';
import type { EpcisEvent } from '../parse-event.js';
import type { Disposition } from '../vocabulary.js';
import { eventOf } from './circumstances.js';
import type { Circumstances } from './circumstances.js';
import { epcsOf } from './objects.js';

/** What a hold is about. */
export type HeldFor = 'thermal' | 'discrepancy' | 'security' | 'authority';

/**
 * CBV has no word for quarantine: the state that persists says what it is about. Each kind has a word of its own, so that
 * two holds of one instant are two events.
 */
const HELD_AS: Readonly<Record<HeldFor, Disposition>> = {
  thermal: 'non_conformant',
  discrepancy: 'mismatch_instance',
  security: 'no_pedigree_match',
  authority: 'non_sellable_other',
};

/** Units that go into quarantine or come out of it. */
export interface HoldAct extends Circumstances {
  readonly units: readonly Sscc[];
  readonly kind: HeldFor;
}

/** Names a hold that stands: the commitment of the event that placed it (64 hex digits), and why it did. */
export interface HoldName {
  readonly commitment: string;
  readonly reason: string;
}

/** The upstream event that placed the hold: what an assessment or a release refers to (CBV 2.0 §7.3, `upevt`). */
const upstream = ({ commitment, reason }: HoldName) => [
  { type: 'upevt', bizTransaction: `ni:///sha-256;${commitment}?ver=cct-commitment-v1&hold=${reason}` },
];

/** Object OBSERVE holding, with the persistent disposition of the kind set. @throws EpcisError `event-invalid` */
export function holdEvent(act: HoldAct): EpcisEvent {
  return eventOf('ObjectEvent', act, {
    action: 'OBSERVE',
    bizStep: 'holding',
    disposition: 'sellable_not_accessible',
    persistentDisposition: { set: [HELD_AS[act.kind]] },
    epcList: epcsOf(act),
  });
}

/**
 * Object OBSERVE inspecting, conformant or not: an owner's assessment of what a hold is about.
 * @throws EpcisError `event-invalid`
 */
export function holdAssessmentEvent(
  act: HoldAct & { readonly hold: HoldName; readonly conclusion: 'usable' | 'not-usable' },
): EpcisEvent {
  const { hold, conclusion, ...rest } = act;
  return eventOf(
    'ObjectEvent',
    { ...rest, bizTransactions: upstream(hold) },
    {
      action: 'OBSERVE',
      bizStep: 'inspecting',
      disposition: conclusion === 'usable' ? 'conformant' : 'non_conformant',
      epcList: epcsOf(act),
    },
  );
}

/**
 * Object OBSERVE inspecting, with the persistent disposition of the kind unset. @throws EpcisError `event-invalid`
 */
export function holdReleaseEvent(act: HoldAct & { readonly hold: HoldName }): EpcisEvent {
  const { hold, ...rest } = act;
  return eventOf(
    'ObjectEvent',
    { ...rest, bizTransactions: upstream(hold) },
    {
      action: 'OBSERVE',
      bizStep: 'inspecting',
      persistentDisposition: { unset: [HELD_AS[act.kind]] },
      epcList: epcsOf(act),
    },
  );
}
