import type { CharacterSet } from './character-set.js';

/**
 * One part of an element's value. `check`: `digit` = ends with its check digit, `day` = YYMMDD, `day0` = YYMMDD where
 * day 00 is the end of the month, `time` = hhmm, `piece` = two digits of two, the first not above the second.
 */
export interface AiComponent {
  readonly set: CharacterSet;
  readonly min: number;
  readonly max: number;
  readonly check: 'digit' | 'day' | 'day0' | 'time' | 'piece' | null;
  readonly optional: boolean;
}

/** What stands behind one Application Identifier. */
export interface AiFormat {
  readonly ai: string;
  readonly components: readonly AiComponent[];
  readonly minLength: number;
  readonly maxLength: number;
}

/*
 * Formats of the GS1 General Specifications §3.2. Notation: set (n digits, x set 82, y set 39, z base64url),
 * length (`..20` is 1 to 20) and a check (c check digit, d day, D day with 00, t time, p piece of total); brackets mark
 * what may be missing.
 */
const formats: readonly (readonly [ais: string, format: string])[] = [
  ['00', 'n18c'],
  ['01 02 03', 'n14c'],
  ['10 21 22 243 254 420 7020 7021 7022 710-717 7240 8002 8012', 'x..20'],
  ['11 12 13 15 16 17', 'n6D'],
  ['20', 'n2'],
  ['235', 'x..28'],
  ['240 241 250 251 400 403 4308 4319 7002 7023 8004', 'x..30'],
  ['242', 'n..6'],
  ['253', 'n13c [x..17]'],
  ['255', 'n13c [n..12]'],
  ['30 37', 'n..8'],
  ['3100-3105 3110-3115 3120-3125 3130-3135 3140-3145 3150-3155 3160-3165', 'n6'],
  ['3200-3205 3210-3215 3220-3225 3230-3235 3240-3245 3250-3255 3260-3265 3270-3275 3280-3285 3290-3295', 'n6'],
  ['3300-3305 3310-3315 3320-3325 3330-3335 3340-3345 3350-3355 3360-3365 3370-3375', 'n6'],
  ['3400-3405 3410-3415 3420-3425 3430-3435 3440-3445 3450-3455 3460-3465 3470-3475 3480-3485 3490-3495', 'n6'],
  ['3500-3505 3510-3515 3520-3525 3530-3535 3540-3545 3550-3555 3560-3565 3570-3575', 'n6'],
  ['3600-3605 3610-3615 3620-3625 3630-3635 3640-3645 3650-3655 3660-3665 3670-3675 3680-3685 3690-3695', 'n6'],
  ['3900-3909 3920-3929', 'n..15'],
  ['3910-3919 3930-3939', 'n3 n..15'],
  ['3940-3943', 'n4'],
  ['3950-3955 8005', 'n6'],
  ['401', 'x..30'],
  ['402', 'n17c'],
  ['410-417', 'n13c'],
  ['421', 'n3 x..9'],
  ['422 424 426', 'n3'],
  ['423 425', 'n3 [n3] [n3] [n3] [n3]'],
  ['427 7008', 'x..3'],
  ['4300 4301 4310 4311 4320', 'x..35'],
  ['4302-4306 4312-4316 8110 8112 8200', 'x..70'],
  ['4307 4317', 'x2'],
  ['4309', 'n20'],
  ['4318', 'x..20'],
  ['4321 4322 4323 7252', 'n1'],
  ['4324 4325', 'n6D n4t'],
  ['4326 7006', 'n6d'],
  ['4330-4333', 'n6 [x1]'],
  ['7001', 'n13'],
  ['7003', 'n6d n4t'],
  ['7004', 'n..4'],
  ['7005', 'x..12'],
  ['7007', 'n6d [n6d]'],
  ['7009 7255', 'x..10'],
  ['7010', 'x..2'],
  ['7011', 'n6d [n4t]'],
  ['7030-7039', 'n3 x..27'],
  ['7040', 'n1 x3'],
  ['7041', 'x..4'],
  ['7230-7239', 'x2 x..28'],
  ['7241', 'n2'],
  ['7242 8013 8014 8020', 'x..25'],
  ['7250', 'n8'],
  ['7251', 'n8 n4t'],
  ['7253 7254 7259', 'x..40'],
  ['7256', 'x..90'],
  ['7257', 'x..70'],
  ['7258', 'x3'],
  ['8001', 'n14'],
  ['8003', 'n14c [x..16]'],
  ['8006 8026', 'n14c n4p'],
  ['8007', 'x..34'],
  ['8008', 'n8 [n2] [n2]'],
  ['8009', 'x..50'],
  ['8010', 'y..30'],
  ['8011', 'n..12'],
  ['8017 8018', 'n18c'],
  ['8019', 'n..10'],
  ['8030', 'z..90'],
  ['8040 8041', 'n15'],
  ['8042', 'n32'],
  ['8043', 'n18 [n..2]'],
  ['8111', 'n4'],
  ['90', 'x..30'],
  ['91-99', 'x..90'],
];

const checks = { c: 'digit', d: 'day', D: 'day0', t: 'time', p: 'piece' } as const;

function componentOf(text: string): AiComponent {
  const match = /^(\[)?([nxyz])(\.\.)?(\d+)([cdDtp])?\]?$/.exec(text);
  if (match === null) throw new Error(`format of an Application Identifier is not understood: ${text}`);
  const [, bracket, set, upTo, length, check] = match;
  return {
    set: (set ?? '').toUpperCase() as CharacterSet,
    min: upTo === undefined ? Number(length) : 1,
    max: Number(length),
    check: check === undefined ? null : checks[check as keyof typeof checks],
    optional: bracket !== undefined,
  };
}

function aisOf(text: string): string[] {
  return text.split(' ').flatMap((part) => {
    const [first = '', last = first] = part.split('-');
    const count = Number(last) - Number(first) + 1;
    return Array.from({ length: count }, (_, index) => String(Number(first) + index).padStart(first.length, '0'));
  });
}

const table: ReadonlyMap<string, AiFormat> = new Map(
  formats.flatMap(([ais, format]) => {
    const components = format.split(' ').map(componentOf);
    const sum = (pick: (component: AiComponent) => number): number =>
      components.reduce((total, component) => total + pick(component), 0);
    const minLength = sum((component) => (component.optional ? 0 : component.min));
    const maxLength = sum((component) => component.max);
    return aisOf(ais).map((ai) => [ai, { ai, components, minLength, maxLength }] as const);
  }),
);

/** The format of an Application Identifier, or undefined where it is not allocated. */
export function formatOf(ai: string): AiFormat | undefined {
  return table.get(ai);
}

/** The format of the Application Identifier that `text` has at `position`; the identifiers are free of prefixes. */
export function formatAt(text: string, position: number): AiFormat | undefined {
  for (const length of [2, 3, 4]) {
    const format = table.get(text.slice(position, position + length));
    if (format !== undefined) return format;
  }
  return undefined;
}

/** Identifiers that may not stand beside each other in one message (General Specifications §4.13). */
const exclusions: Readonly<Record<string, readonly string[]>> = {
  '01': ['02', '03', '255', '37'],
  '02': ['03'],
  '03': ['37'],
  '21': ['235'],
  '255': ['02', '415', '8006', '8020', '8026'],
  '8006': ['01', '37', '8026'],
  '8017': ['8018'],
  '8026': ['02'],
};

/** The first two identifiers that exclude each other, or null. Missing partners are no fault: they may be on a second carrier. */
export function conflictAmong(ais: readonly string[]): readonly [string, string] | null {
  const measures = new Map<string, string>();
  for (const ai of ais) {
    const excluded = exclusions[ai]?.find((other) => ais.includes(other));
    if (excluded !== undefined) return [ai, excluded];
    if (!/^3[1-69]\d\d$/.test(ai)) continue;
    const twin = measures.get(ai.slice(0, 3));
    if (twin !== undefined) return [twin, ai];
    measures.set(ai.slice(0, 3), ai);
  }
  return null;
}
