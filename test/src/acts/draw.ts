import { createHash } from 'node:crypto';
import { SeededRandom } from '@coldchain/kernel';

/** Seeded choices. */
export class Draw {
  private readonly random: SeededRandom;

  constructor(private readonly seed: string) {
    this.random = new SeededRandom(seed);
  }

  /** True so often. */
  chance(probability: number): boolean {
    return this.random.unit() < probability;
  }

  /** An integer from `least` to `most`. */
  integer(least: number, most: number): number {
    return least + Math.floor(this.random.unit() * (most - least + 1));
  }

  /** One of several; `otherwise` when there are none. */
  one<Value>(values: readonly Value[], otherwise: Value): Value;
  one<Value>(values: readonly [Value, ...Value[]]): Value;
  one<Value>(values: readonly Value[], otherwise?: Value): Value | undefined {
    return values[Math.floor(this.random.unit() * values.length)] ?? otherwise;
  }

  /** Up to `most` of several, each once, in any order. */
  some<Value>(values: readonly Value[], most: number): Value[] {
    const left = [...values];
    const taken: Value[] = [];
    const wanted = this.integer(1, most);
    while (taken.length < wanted && left.length > 0) {
      taken.push(...left.splice(Math.floor(this.random.unit() * left.length), 1));
    }
    return taken;
  }

  /** One name, the more often the greater its weight. */
  weighted<Name extends string>(weights: Readonly<Record<Name, number>>): Name {
    const entries = Object.entries(weights) as [Name, number][];
    const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
    let at = this.random.unit() * total;
    for (const [name, weight] of entries) {
      at -= weight;
      if (at < 0) return name;
    }
    throw new RangeError('there are no names to draw from');
  }

  /** 64 hex digits that the seed and a name give. */
  hex(name: string): string {
    return createHash('sha256').update(`${this.seed}/${name}`).digest('hex');
  }
}
