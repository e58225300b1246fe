import { unreachable } from '@coldchain/kernel';

/** Vital, essential or necessary to patients (WHO, Managing drug supply): who must never be without it. */
export type VenClass = 'vital' | 'essential' | 'necessary';
/** Share of the yearly value: the first 80 %, the next 15 %, the rest. */
export type AbcClass = 'A' | 'B' | 'C';

/** Periods (months) of stock: stock over the mean demand of the coming periods; Infinity when nothing is demanded. */
export function periodsOfStock(stock: number, meanDemand: number): number {
  return meanDemand > 0 ? Math.max(stock, 0) / meanDemand : stock > 0 ? Infinity : 0;
}

/** Min–max of public health supply, in periods and in units (USAID DELIVER Logistics Handbook §4). */
export interface MinMax {
  readonly minimumPeriods: number;
  readonly maximumPeriods: number;
  readonly minimum: number;
  readonly maximum: number;
  /** Below this an order cannot wait for the next review. */
  readonly emergency: number;
}

/** min = lead time + buffer, max = min + review interval, emergency = lead time; each times the mean demand. */
export function minMaxLevels(
  meanDemand: number,
  { leadTime, review, buffer }: { readonly leadTime: number; readonly review: number; readonly buffer: number },
): MinMax {
  const minimumPeriods = leadTime + buffer;
  const maximumPeriods = minimumPeriods + review;
  return {
    minimumPeriods,
    maximumPeriods,
    minimum: minimumPeriods * meanDemand,
    maximum: maximumPeriods * meanDemand,
    emergency: leadTime * meanDemand,
  };
}

/** Classes by yearly value, in the order of `values`: A up to 80 % of the sum, B up to 95 %. */
export function abcClasses(values: readonly number[]): AbcClass[] {
  const total = values.reduce((sum, value) => sum + Math.max(value, 0), 0);
  const order = values.map((value, index) => ({ value: Math.max(value, 0), index }));
  order.sort((a, b) => (a.value === b.value ? a.index - b.index : b.value - a.value));
  const classes = new Array<AbcClass>(values.length).fill('C');
  let before = 0;
  for (const { value, index } of order) {
    if (value > 0 && before < 0.8 * total) classes[index] = 'A';
    else if (value > 0 && before < 0.95 * total) classes[index] = 'B';
    before += value;
  }
  return classes;
}

/**
 * Service level of a class. Vital products have 99 % whatever they cost; for the others dear ones (A) are watched more
 * closely and may have a point less stock. A convention to start from, not a result.
 */
export function serviceLevelFor(ven: VenClass, abc: AbcClass): number {
  switch (ven) {
    case 'vital':
      return 0.99;
    case 'essential':
      return abc === 'A' ? 0.95 : 0.97;
    case 'necessary':
      return abc === 'A' ? 0.9 : 0.93;
    default:
      return unreachable(ven);
  }
}
