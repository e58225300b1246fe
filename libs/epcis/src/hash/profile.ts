/**
 * How an event hash was made. The suffix `?ver=CBV2.0` alone names two incompatible algorithms, so the profile is kept
 * beside every hash:
 * - `cbv2.0-2025`: the reference implementation before its rewrite of 2026;
 * - `cbv2.0`, `cbv2.1`: its two profiles since then.
 */
export const EVENT_HASH_PROFILES = ['cbv2.0-2025', 'cbv2.0', 'cbv2.1'] as const;
export type EventHashProfile = (typeof EVENT_HASH_PROFILES)[number];

/** What differs between the profiles; everything else is common. */
export interface ProfileRules {
  /** The `ver` parameter of the ni URI. */
  readonly version: 'CBV2.0' | 'CBV2.1';
  /** 2025: `certificationInfo` and ignored fields count, `parentID` before `epcList`, and the lists of transactions, sources and destinations in the lexical tail. */
  readonly before2026: boolean;
  /** Extensions inside standard fields stay there; otherwise they follow `ilmd`, each behind the names of its fields. */
  readonly inlineExtensions: boolean;
  readonly namesSensorElementList: boolean;
  /** Base of bare measurement words and of the prefix `gs1`. */
  readonly measurementBase: string;
}

const rules: Record<EventHashProfile, ProfileRules> = {
  'cbv2.0-2025': {
    version: 'CBV2.0',
    before2026: true,
    inlineExtensions: true,
    namesSensorElementList: true,
    measurementBase: 'https://gs1.org/voc/',
  },
  'cbv2.0': {
    version: 'CBV2.0',
    before2026: false,
    inlineExtensions: false,
    namesSensorElementList: false,
    measurementBase: 'https://ref.gs1.org/voc/',
  },
  'cbv2.1': {
    version: 'CBV2.1',
    before2026: false,
    inlineExtensions: true,
    namesSensorElementList: true,
    measurementBase: 'https://ref.gs1.org/voc/',
  },
};

/** The rules of a profile. */
export function rulesOf(profile: EventHashProfile): ProfileRules {
  return rules[profile];
}
