/** Rows of one series, in typed arrays: a million rows take some 30 MB. */
export interface DemandRows {
  readonly series: string;
  readonly lines: Int32Array;
  readonly days: Int32Array;
  /** NaN where the quantity is not known. */
  readonly quantities: Float64Array;
  /** Share of the period in stock. */
  readonly available: Float32Array;
}

/** Rows that are still being read. */
export class DemandRowsBuilder {
  private length = 0;
  private lines = new Int32Array(16);
  private days = new Int32Array(16);
  private quantities = new Float64Array(16);
  private available = new Float32Array(16);

  constructor(private readonly series: string) {}

  add(line: number, day: number, quantity: number, available: number): void {
    if (this.length === this.days.length) this.grow();
    this.lines[this.length] = line;
    this.days[this.length] = day;
    this.quantities[this.length] = quantity;
    this.available[this.length++] = available;
  }

  build(): DemandRows {
    const { series, length, lines, days, quantities, available } = this;
    return {
      series,
      lines: lines.slice(0, length),
      days: days.slice(0, length),
      quantities: quantities.slice(0, length),
      available: available.slice(0, length),
    };
  }

  private grow(): void {
    const size = this.days.length * 2;
    const larger = <Column extends Int32Array | Float64Array | Float32Array>(column: Column, next: Column): Column => {
      next.set(column);
      return next;
    };
    this.lines = larger(this.lines, new Int32Array(size));
    this.days = larger(this.days, new Int32Array(size));
    this.quantities = larger(this.quantities, new Float64Array(size));
    this.available = larger(this.available, new Float32Array(size));
  }
}
