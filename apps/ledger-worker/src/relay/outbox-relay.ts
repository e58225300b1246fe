import type { Ledger, Settled } from '@coldchain/ledger';
import { type Clock, type Random, sleep, unreachable } from '@coldchain/kernel';
import type { Logger } from '@coldchain/runtime';
import { isToPark, lasts, MALFORMED, type ParkingLimits, rowError } from './failure.js';
import type { Outbox } from './outbox.js';
import type { OpenRow, OutboxRow, RowError } from './outbox-row.js';
import { isUrgent, type OutboxWindow } from './outbox-window.js';
import { runnableRows } from './schedule.js';

/** What a relay is made of. */
export interface OutboxRelayOptions {
  readonly outbox: Outbox;
  readonly window: OutboxWindow;
  /** Tells those of these rows that stand behind parked ones that they wait; how many were told. */
  readonly holdBack: (ids: readonly number[]) => Promise<number>;
  readonly ledger: Ledger;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  /** How often it looks for rows when nothing wakes it. */
  readonly pollMs: number;
  /** Rows in flight at most, beside {@link URGENT_PLACES}. */
  readonly concurrency: number;
  /** Shortest wait after a failure; it doubles up to {@link LONGEST_WAIT_MS}, or {@link LONGEST_OUTAGE_WAIT_MS}. */
  readonly retryMs: number;
  readonly parking: ParkingLimits;
  /**
   * How long the ledger must have answered that it does not know a transaction, while the same envelope was submitted
   * again and again, before the act is proposed anew.
   */
  readonly unseenMs: number;
}

const LONGEST_WAIT_MS = 30_000;
/** While the ledger is away: when it is back, a hold must not wait for half a minute. */
const LONGEST_OUTAGE_WAIT_MS = 3_000;
/** Places that only urgent rows take: when the ledger is slow, a hold does not wait until others are through. */
const URGENT_PLACES = 16;
/** Rows that end within this time are followed by one look at the outbox, not by one each. */
const GATHER_MS = 2;

/**
 * Brings outbox rows to the ledger: in order per object, many objects beside each other, and each exactly once. Id and
 * signed envelope are stored before they are submitted; after an unknown outcome the ledger is asked for the id, and the
 * same envelope is sent again. A row that only a person can help is set aside, and what stands behind it is told so.
 */
export class OutboxRelay {
  private readonly inFlight = new Map<number, Promise<void>>();
  /** Those in flight that are not urgent. */
  private readonly ordinary = new Set<number>();
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
    const { concurrency, window } = this.options;
    const free = concurrency - this.ordinary.size;
    // One look serves many rows: it waits until a quarter of the places is free. Rows that end wake it.
    if (free * 4 < concurrency) return this.start(await window.urgent(), [], signal);
    const { complete, urgent } = await window.open();
    await this.start(urgent, complete, signal);
  }

  /**
   * @param urgent rows that stand behind nothing
   * @param complete rows whose order among each other decides
   */
  private async start(urgent: readonly OpenRow[], complete: readonly OpenRow[], signal: AbortSignal): Promise<void> {
    const { concurrency, holdBack, outbox } = this.options;
    if (urgent.length + complete.length === 0) return;
    // After the look: what was captured since then behind a parked row is not among these.
    const told = await holdBack([...complete, ...urgent].map((row) => row.id));
    // They make room for others.
    if (told > 0) this.wake();
    const flying = new Set(this.inFlight.keys());
    const due = urgent.filter((row) => row.due && !flying.has(row.id));
    const runnable = [...due, ...runnableRows(complete, flying)];
    const places = concurrency + URGENT_PLACES - this.inFlight.size;
    const hurried = runnable.filter(isUrgent).slice(0, places);
    const free = Math.min(concurrency - this.ordinary.size, places - hurried.length);
    const others = runnable.filter((row) => !isUrgent(row)).slice(0, Math.max(0, free));
    const ids = [...hurried, ...others].map(({ id }) => id);
    if (ids.length === 0 || signal.aborted) return;
    const ordinary = new Set(others.map(({ id }) => id));
    for (const row of await outbox.take(ids)) {
      if (ordinary.has(row.id)) this.ordinary.add(row.id);
      this.launch(row, signal);
    }
  }

  private launch(row: OutboxRow, signal: AbortSignal): void {
    const flight = this.relay(row, signal)
      .catch((error: unknown) => this.postpone(row, error))
      .finally(() => {
        this.inFlight.delete(row.id);
        this.ordinary.delete(row.id);
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
      case 'refused': {
        const { refusal } = preparation;
        this.options.logger.warn({ outbox: row.id, command: row.command, code: refusal.code }, 'refused');
        // What the contract cannot read was not judged: the act may be right, and newer software may send it again.
        if (refusal.code === MALFORMED) {
          return this.park(row, { code: refusal.code, reason: JSON.stringify(refusal.details) });
        }
        return outbox.refused(row, refusal);
      }
      case 'unavailable': {
        const { reason } = preparation;
        return outbox.again(row, this.outageWait(row.attempts), { code: 'unavailable', reason }, false);
      }
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
    const { clock, ledger, logger, unseenMs } = this.options;
    let unseenSince: number | null = null;
    for (let attempt = 0; !signal.aborted; attempt++) {
      const outcome = await ledger.submit(envelope);
      if (outcome.kind !== 'unavailable' && outcome.kind !== 'outcome-unknown') return this.settle(row, outcome);
      logger.warn({ outbox: row.id, transactionId, outcome: outcome.kind, reason: outcome.reason }, 'not settled yet');
      await sleep(this.outageWait(attempt), signal);
      const known = await this.lookUp(transactionId);
      if (known === 'not answered') {
        // While nobody answers, nothing can be seen: the time begins anew.
        unseenSince = null;
        continue;
      }
      if (known !== undefined) return this.settle(row, known);
      unseenSince ??= clock.now();
      if (clock.now() - unseenSince >= unseenMs) {
        const error = { code: 'unseen', reason: `in no block for ${unseenMs} ms: ${outcome.reason}` };
        logger.error({ outbox: row.id, transactionId }, 'proposed anew: the ledger does not take the envelope');
        return this.options.outbox.again(row, this.outageWait(0), error, false);
      }
    }
  }

  /** The ledger's word on an id; undefined when it is in no block. */
  private async lookUp(transactionId: string): Promise<Settled | undefined | 'not answered'> {
    try {
      return await this.options.ledger.transaction(transactionId);
    } catch (error) {
      this.options.logger.warn({ transactionId, err: error }, 'cannot look up a transaction');
      return 'not answered';
    }
  }

  private async settle(row: OutboxRow, outcome: Settled): Promise<void> {
    const { clock, logger, outbox, parking, random, retryMs } = this.options;
    switch (outcome.kind) {
      case 'committed':
        return outbox.committed(row);
      case 'conflict': {
        // Others changed what it had read. Drawn anew each time, so that two rivals do not meet again and again.
        const error = { code: outcome.kind, reason: 'what it had read was changed' };
        return outbox.again(row, Math.ceil(random.unit() * retryMs), error, false);
      }
      case 'invalid': {
        // Void for a reason that a new proposal may meet again (too few endorsements, say): slower each time, and told.
        const { transactionId, code } = outcome;
        logger.error({ outbox: row.id, transactionId, code }, 'void in its block');
        const error = { code: outcome.kind, reason: `void in its block: ${code}` };
        if (isToPark(row, clock.now(), parking)) return this.park(row, error);
        return outbox.again(row, this.wait(row.failures, LONGEST_WAIT_MS), error, true);
      }
      default:
        return unreachable(outcome);
    }
  }

  /** Something that is no outcome: a missing key, a defect, a database that is gone. The row waits, or is parked. */
  private async postpone(row: OutboxRow, thrown: unknown): Promise<void> {
    const { clock, logger, outbox, parking } = this.options;
    const error = rowError(thrown);
    const lasting = lasts(thrown, row.signingParty);
    logger.error({ outbox: row.id, command: row.command, err: thrown }, 'cannot relay');
    try {
      if (lasting && isToPark(row, clock.now(), parking)) return await this.park(row, error);
      const delayMs = lasting ? this.wait(row.failures, LONGEST_WAIT_MS) : this.outageWait(row.attempts);
      // Bytes that the ledger does not take for an envelope are no transaction: they are made anew.
      if (error.code === 'envelope-invalid') return await outbox.again(row, delayMs, error, lasting);
      await outbox.postponed(row, delayMs, error, lasting);
    } catch (cause) {
      logger.error({ outbox: row.id, err: cause }, 'cannot store a failed attempt');
      await sleep(this.options.retryMs);
    }
  }

  private async park(row: OutboxRow, error: RowError): Promise<void> {
    if (!(await this.options.outbox.park(row, error))) return;
    const { id, command, signingParty } = row;
    this.options.logger.error({ outbox: id, command, party: signingParty, ...error }, 'parked: it needs a person');
  }

  private outageWait(attempts: number): number {
    return this.wait(attempts, LONGEST_OUTAGE_WAIT_MS);
  }

  private wait(attempts: number, atMostMs: number): number {
    const { retryMs, random } = this.options;
    const longest = Math.min(atMostMs, retryMs * 2 ** Math.min(attempts, 20));
    return Math.ceil(longest * (0.5 + random.unit() / 2));
  }
}
