/**
 * Collects items into groups and works on one group at a time, in order of arrival: a group starts when it is full, when
 * its first item has waited for the linger time, or as soon as the previous group is done.
 */
export class Lane<Item> {
  private waiting: Item[] = [];
  private timer: NodeJS.Timeout | undefined;
  private working: Promise<void> | undefined;

  constructor(
    private readonly groupSize: number,
    private readonly lingerMs: number,
    /** Never rejects. */
    private readonly work: (group: readonly Item[]) => Promise<void>,
  ) {}

  add(item: Item): void {
    this.waiting.push(item);
    if (this.working !== undefined) return;
    if (this.waiting.length >= this.groupSize) this.start();
    else this.timer ??= setTimeout(() => this.start(), this.lingerMs);
  }

  /** Before all that wait, at once. */
  addFirst(items: readonly Item[]): void {
    this.waiting = [...items, ...this.waiting];
    if (this.working === undefined) this.start();
  }

  /** Whether half a group or more waits for the one that is worked on: no sender's window lets much more wait. */
  get isPressed(): boolean {
    return this.working !== undefined && this.waiting.length * 2 >= this.groupSize;
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
    while (this.waiting.length > 0) await this.work(this.waiting.splice(0, this.groupSize));
  }
}
