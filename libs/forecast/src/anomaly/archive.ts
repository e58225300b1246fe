/**
 * The numbers of a detector on their way into a store or out of it: each part hands its numbers over, in one order, and
 * takes back what it is given.
 */
export abstract class Archive {
  /** The number that holds from now on. */
  abstract number(value: number): number;

  /** As {@link number}, for each of an array, in place. */
  numbers(values: Float64Array | Int32Array): void {
    for (let at = 0; at < values.length; at++) values[at] = this.number(values[at] ?? 0);
  }
}
