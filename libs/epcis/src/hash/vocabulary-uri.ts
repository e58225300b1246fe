import {
  BIZ_STEPS,
  BIZ_TRANSACTION_TYPES,
  COMPONENTS,
  DISPOSITIONS,
  MEASUREMENT_TYPES,
  SENSOR_ALERT_TYPES,
  SOURCE_DESTINATION_TYPES,
} from '../vocabulary.js';

/** Fields whose bare words stand for URIs. */
export type VocabularyField =
  | 'bizStep'
  | 'disposition'
  | 'bizTransactionType'
  | 'sourceDestinationType'
  | 'component'
  | 'measurementType'
  | 'exception';

const CBV = 'https://ref.gs1.org/cbv/';

const words: Readonly<Record<VocabularyField, { readonly known: ReadonlySet<string>; readonly base: string | null }>> =
  {
    bizStep: { known: new Set(BIZ_STEPS), base: `${CBV}BizStep-` },
    disposition: { known: new Set(DISPOSITIONS), base: `${CBV}Disp-` },
    bizTransactionType: { known: new Set(BIZ_TRANSACTION_TYPES), base: `${CBV}BTT-` },
    sourceDestinationType: { known: new Set(SOURCE_DESTINATION_TYPES), base: `${CBV}SDT-` },
    component: { known: new Set(COMPONENTS), base: `${CBV}Comp-` },
    measurementType: { known: new Set(MEASUREMENT_TYPES), base: null },
    exception: { known: new Set(SENSOR_ALERT_TYPES), base: null },
  };

/** The URI of a bare word of the field's vocabulary; other values unchanged. */
export function vocabularyUri(value: string, field: VocabularyField, measurementBase: string): string {
  const { known, base } = words[field];
  return known.has(value) ? (base ?? measurementBase) + value : value;
}

const urns: readonly (readonly [urn: string, uri: string])[] = [
  ['urn:epcglobal:cbv:bizstep:', `${CBV}BizStep-`],
  ['urn:epcglobal:cbv:disp:', `${CBV}Disp-`],
  ['urn:epcglobal:cbv:btt:', `${CBV}BTT-`],
  ['urn:epcglobal:cbv:sdt:', `${CBV}SDT-`],
  ['urn:epcglobal:cbv:er:', `${CBV}ER-`],
];

/** The web form of a vocabulary URN of CBV 1.x, wherever it stands. */
export function withoutVocabularyUrn(value: string): string {
  const found = urns.find(([urn]) => value.startsWith(urn));
  return found === undefined ? value : found[1] + value.slice(found[0].length);
}
