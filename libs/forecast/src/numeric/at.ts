/** A number of an array by an index that the caller keeps inside it (hot loops; `undefined` cannot occur there). */
export function at(values: ArrayLike<number>, index: number): number {
  return values[index] as number;
}
