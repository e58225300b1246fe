/** An act of custody that begins or ends a way from one organisation to another. */
export interface TransitStep {
  readonly command: string;
  readonly at: number;
  /** Slug of who captured it. */
  readonly by: string;
  /** Of a despatch: slug of the named receiver; null where he is not known here. */
  readonly receiver: string | null;
}

/** Goods on their way. `endedAt` null: they still are. */
export interface Transit {
  readonly from: string;
  readonly to: string | null;
  readonly shippedAt: number;
  readonly endedAt: number | null;
}

const ENDS = new Set(['receiveUnits', 'cancelShipment', 'refuseReceipt', 'resolveDiscrepancy']);

/** The ways of a unit, oldest first. @param steps in the order in which they happened */
export function transitsOf(steps: readonly TransitStep[]): Transit[] {
  const transits: Transit[] = [];
  const end = (at: number): void => {
    const last = transits.at(-1);
    if (last !== undefined && last.endedAt === null) transits[transits.length - 1] = { ...last, endedAt: at };
  };
  for (const { command, at, by, receiver } of steps) {
    if (command === 'shipUnits') {
      end(at);
      transits.push({ from: by, to: receiver, shippedAt: at, endedAt: null });
    } else if (ENDS.has(command)) end(at);
  }
  return transits;
}
