import { Archive } from './archive.js';

/** What remembers numbers, always as many. */
export interface Keeper {
  /** Hands over all that is remembered, in one order. */
  keep(archive: Archive): void;
}

class WrittenState extends Archive {
  readonly values: number[] = [];

  override number(value: number): number {
    this.values.push(value);
    return value;
  }
}

class ReadState extends Archive {
  private next = 0;

  constructor(private readonly values: Float64Array) {
    super();
  }

  override number(): number {
    return this.values[this.next++] ?? Number.NaN;
  }
}

/** All that something remembers; as long for a week as for a year. */
export function stateOf(keeper: Keeper): Float64Array {
  const state = new WrittenState();
  keeper.keep(state);
  return Float64Array.from(state.values);
}

/** Goes on from a state to the last bit; false, and nothing is changed, when it is not as long as one of this kind. */
export function takeUp(keeper: Keeper, values: Float64Array): boolean {
  if (stateOf(keeper).length !== values.length) return false;
  keeper.keep(new ReadState(values));
  return true;
}
