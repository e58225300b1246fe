import type { Entry } from '../accept/entry.js';
import type { GroupStore, StoredGroup } from '../accept/group-store.js';
import type { IngestFigures } from './ingest-figures.js';

/** Measures what storing groups takes. */
export class MeasuredStore implements Pick<GroupStore, 'store'> {
  constructor(
    private readonly measured: Pick<GroupStore, 'store'>,
    private readonly figures: Pick<IngestFigures, 'stored'> | null,
  ) {}

  /** @throws as the store that is measured does; nothing is counted then */
  async store(entries: readonly Entry[]): Promise<StoredGroup> {
    const begun = performance.now();
    const group = await this.measured.store(entries);
    this.figures?.stored(entries.length, performance.now() - begun, group);
    return group;
  }
}
