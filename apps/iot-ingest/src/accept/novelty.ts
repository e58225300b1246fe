/** Groups after one with a duplicate that are taken to have some, too: resends come in runs. */
const SUSPECTED = 100;

/**
 * Whether the next group is expected to be new as a whole: then it is stored without looking for duplicates, which costs the
 * database a third less, and a group that does have one is stored twice.
 */
export class Novelty {
  private suspected = 0;

  get expected(): boolean {
    return this.suspected === 0;
  }

  /** What the last group was. */
  met(group: 'new' | 'repeated'): void {
    this.suspected = group === 'repeated' ? SUSPECTED : Math.max(0, this.suspected - 1);
  }
}
