/** Bounds of a group. Whatever comes first ends it; one item is always taken. */
export interface GroupLimits<Item> {
  readonly items: number;
  readonly bytes: number;
  readonly bytesOf: (item: Item) => number;
}

/** With so many waiting there is pressure, however large groups may become. */
const PRESSURE_ITEMS = 250;

/**
 * Collects items into groups and works on one group at a time, in order of arrival: a group starts when it is full, when
 * its first item has waited for the linger time, or as soon as the previous group is done.
 */
export class Lane<Item> {
  private waiting: Item[] = [];
  private waitingBytes = 0;
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;

  constructor(
    private readonly limits: GroupLimits<Item>,
    private readonly lingerMs: number,
    /** Never rejects. */
    private readonly work: (group: readonly Item[]) => Promise<void>,
  ) {}

  add(item: Item): void {
    this.waiting.push(item);
    this.waitingBytes += this.limits.bytesOf(item);
    if (this.working !== undefined) return;
    if (this.waiting.length >= this.limits.items || this.waitingBytes >= this.limits.bytes) this.start();
    else this.timer ??= setTimeout(() => this.start(), this.lingerMs);
  }

  /** Before all that wait, at once. */
  addFirst(items: readonly Item[]): void {
    this.waiting = [...items, ...this.waiting];
    for (const item of items) this.waitingBytes += this.limits.bytesOf(item);
    if (this.working === undefined) this.start();
  }

  /** Whether half a group or more, or {@link PRESSURE_ITEMS}, wait for the one that is worked on. */
  get isPressed(): boolean {
    const { items, bytes } = this.limits;
    if (this.working === undefined) return false;
    return this.waiting.length >= Math.min(items / 2, PRESSURE_ITEMS) || this.waitingBytes >= bytes / 2;
  }

  /** Resolves when nothing waits and nothing is worked on. */
  async drain(): Promise<void> {
    if (this.waiting.length > 0) this.start();
    await this.working;
  }

  private start(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.working ??= this.run().finally(() => {
      this.working = undefined;
      if (this.waiting.length > 0) this.start();
    });
  }

  private async run(): Promise<void> {
    while (this.waiting.length > 0) await this.work(this.next());
  }

  private next(): Item[] {
    const { items, bytes, bytesOf } = this.limits;
    let [size, taken] = [0, 0];
    while (size < this.waiting.length && size < items && taken < bytes) taken += bytesOf(this.waiting[size++] as Item);
    this.waitingBytes -= taken;
    return this.waiting.splice(0, size);
  }
}
