import type { Ledger, Settled } from '@coldchain/ledger';
import { type Random, sleep, unreachable } from '@coldchain/kernel';
import type { Logger } from '@coldchain/runtime';
import type { Outbox } from './outbox.js';
import type { OutboxRow } from './outbox-row.js';
import { runnableRows } from './schedule.js';

/** What a relay is made of. */
export interface OutboxRelayOptions {
  readonly outbox: Outbox;
  readonly ledger: Ledger;
  readonly logger: Logger;
  readonly random: Random;
  /** How often it looks for rows when nothing wakes it. */
  readonly pollMs: number;
  /** Rows in flight at most. */
  readonly concurrency: number;
  /** Shortest wait after a failure; it doubles up to {@link LONGEST_WAIT_MS}. */
  readonly retryMs: number;
}

const LONGEST_WAIT_MS = 30_000;
/** Rows that end within this time are followed by one look at the outbox, not by one each. */
const GATHER_MS = 2;

/**
 * Brings outbox rows to the ledger: in order per object, many objects beside each other, and each exactly once. Id and
 * signed envelope are stored before they are submitted; after an unknown outcome the ledger is asked for the id, and the
 * same envelope is sent again.
 */
export class OutboxRelay {
  private readonly inFlight = new Map<number, Promise<void>>();
  private waker = new AbortController();

  constructor(private readonly options: OutboxRelayOptions) {}

  /** Looks at the outbox at once. */
  wake(): void {
    this.waker.abort();
  }

  /** Relays until the signal is aborted; then ends when nothing is in flight. Does not reject. */
  async run(signal: AbortSignal): Promise<void> {
    const wake = (): void => this.wake();
    signal.addEventListener('abort', wake, { once: true });
    while (!signal.aborted) {
      this.waker = new AbortController();
      try {
        await this.dispatch(signal);
      } catch (error) {
        this.options.logger.error({ err: error }, 'cannot read the outbox');
        await sleep(this.options.retryMs, signal);
      }
      await sleep(this.options.pollMs, this.waker.signal);
      await sleep(GATHER_MS, signal);
    }
    await Promise.all(this.inFlight.values());
  }

  private async dispatch(signal: AbortSignal): Promise<void> {
    const free = this.options.concurrency - this.inFlight.size;
    // One look serves many rows: it waits until a quarter of the places is free. Rows that end wake it.
    if (free * 4 < this.options.concurrency) return;
    const { complete, urgent } = await this.options.outbox.open();
    const flying = new Set(this.inFlight.keys());
    const due = urgent.filter((row) => row.due && !flying.has(row.id));
    const chosen = [...due, ...runnableRows(complete, flying)].slice(0, free).map((row) => row.id);
    if (chosen.length === 0) return;
    for (const row of await this.options.outbox.take(chosen)) this.launch(row, signal);
  }

  private launch(row: OutboxRow, signal: AbortSignal): void {
    const flight = this.relay(row, signal)
      .catch((error: unknown) => this.postpone(row, error))
      .finally(() => {
        this.inFlight.delete(row.id);
        this.wake();
      });
    this.inFlight.set(row.id, flight);
  }

  private async relay(row: OutboxRow, signal: AbortSignal): Promise<void> {
    const { ledger, outbox } = this.options;
    if (row.transactionId !== null && row.envelope !== null) {
      const known = await ledger.transaction(row.transactionId);
      await (known === undefined
        ? this.deliver(row, row.transactionId, row.envelope, signal)
        : this.settle(row, known));
      return;
    }
    const preparation = await ledger.prepare(row.command, row.payload, row.signingParty);
    switch (preparation.kind) {
      case 'refused':
        this.options.logger.warn({ outbox: row.id, command: row.command, code: preparation.refusal.code }, 'refused');
        return outbox.refused(row, preparation.refusal);
      case 'unavailable':
        return outbox.again(row, this.wait(row.attempts), { code: 'unavailable', reason: preparation.reason });
      case 'prepared': {
        const { transactionId, envelope } = preparation;
        if (await outbox.persist(row.id, transactionId, envelope)) {
          await this.deliver(row, transactionId, envelope, signal);
        }
        return;
      }
      default:
        return unreachable(preparation);
    }
  }

  /** Submits until it is known what became of it. Aborted before that, the row stays `submitted` for the next start. */
  private async deliver(row: OutboxRow, transactionId: string, envelope: Buffer, signal: AbortSignal): Promise<void> {
    const { ledger, logger } = this.options;
    for (let attempt = 0; !signal.aborted; attempt++) {
      const outcome = await ledger.submit(envelope);
      if (outcome.kind !== 'unavailable' && outcome.kind !== 'outcome-unknown') return this.settle(row, outcome);
      logger.warn({ outbox: row.id, transactionId, outcome: outcome.kind, reason: outcome.reason }, 'not settled yet');
      await sleep(this.wait(attempt), signal);
      const known = await this.lookUp(transactionId);
      if (known !== undefined) return this.settle(row, known);
    }
  }

  /** The ledger's word on an id; undefined when it has none, or cannot be asked now. */
  private async lookUp(transactionId: string): Promise<Settled | undefined> {
    try {
      return await this.options.ledger.transaction(transactionId);
    } catch (error) {
      this.options.logger.warn({ transactionId, err: error }, 'cannot look up a transaction');
      return undefined;
    }
  }

  private async settle(row: OutboxRow, outcome: Settled): Promise<void> {
    const { outbox, logger } = this.options;
    if (outcome.kind === 'committed') return outbox.committed(row);
    if (outcome.kind === 'invalid') {
      // Void for a reason that a new proposal may meet again (too few endorsements, say): slower each time, and told.
      const { transactionId, code } = outcome;
      logger.error({ outbox: row.id, transactionId, code }, 'void in its block');
      return outbox.again(row, this.wait(row.attempts), { code: outcome.kind, validation: code });
    }
    // Others changed what it had read. Drawn anew each time, so that two rivals do not meet again and again.
    await outbox.again(row, Math.ceil(this.options.random.unit() * this.options.retryMs), { code: outcome.kind });
  }

  /** Something that is no outcome: a missing key, a defect, a database that is gone. The row stays and is tried later. */
  private async postpone(row: OutboxRow, error: unknown): Promise<void> {
    const { logger, outbox } = this.options;
    logger.error({ outbox: row.id, command: row.command, err: error }, 'cannot relay');
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unexpected';
    try {
      await outbox.postponed(row, this.wait(row.attempts), { code, reason: String(error) });
    } catch (cause) {
      logger.error({ outbox: row.id, err: cause }, 'cannot store a failed attempt');
      await sleep(this.options.retryMs);
    }
  }

  private wait(attempts: number): number {
    const { retryMs, random } = this.options;
    const longest = Math.min(LONGEST_WAIT_MS, retryMs * 2 ** Math.min(attempts, 20));
    return Math.ceil(longest * (0.5 + random.unit() / 2));
  }
}
