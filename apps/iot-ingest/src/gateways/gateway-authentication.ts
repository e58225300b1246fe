import { createHmac, timingSafeEqual } from 'node:crypto';
import { type Database, verifyPassword } from '@coldchain/database';
import type { Clock, Random } from '@coldchain/kernel';
import { gatewayOf, type GatewayRow } from './gateway-directory.js';
import type { Gateway } from '../message-source.js';

/** A proof stays good for this long, so that a gateway on a bad line reconnects without the cost of scrypt. */
const REMEMBER_MS = 5 * 60_000;
const REMEMBERED = 10_000;
/** scrypt takes 16 MiB and a core: more at once would only slow the others down. */
const AT_ONCE = 2;
/** Beyond this many waiting attempts the answer is "server unavailable": gateways come back with back-off. */
const WAITING = 1_000;
const LONGEST_PASSWORD = 256;

/** A hash of nothing: an unknown name costs as much as a wrong password, so that names cannot be probed by time. */
const NOBODY = `scrypt$14$8$1$${'A'.repeat(22)}$${'A'.repeat(43)}`;

interface ProvableRow extends GatewayRow {
  readonly password_hash: string;
}

interface Proof {
  readonly passwordHash: string;
  readonly tag: Buffer;
  readonly until: number;
}

/** `refused`: unknown name or wrong password, not told apart. `busy`: too many attempts wait. */
export type Authentication =
  { readonly ok: true; readonly gateway: Gateway } | { readonly ok: false; readonly code: 'refused' | 'busy' };

/**
 * Checks user name `{organisation}/{gateway}` and password against the registered gateways of organisations served here.
 * The row is read at every attempt, so a changed password or a removed gateway counts at once; only the slow hash of a
 * success is remembered, as an HMAC under a key of this process. A failure is never remembered.
 */
export class GatewayAuthentication {
  private readonly key: Buffer;
  private readonly proofs = new Map<number, Proof>();
  private running = 0;
  private finding = 0;
  private readonly queue: (() => void)[] = [];

  constructor(
    private readonly database: Pick<Database, 'query'>,
    private readonly clock: Clock,
    random: Random,
  ) {
    this.key = random.bytes(32);
  }

  /** @throws when the database does not answer */
  async authenticate(userName: string, password: Uint8Array): Promise<Authentication> {
    const [organisation = '', name = '', ...more] = userName.split('/');
    const wellFormed = more.length === 0 && userName.length <= 127 && password.length <= LONGEST_PASSWORD;
    // A connection that is given up leaves its question behind: while the database hangs, there would be more and more.
    if (this.finding >= WAITING) return { ok: false, code: 'busy' };
    const row = wellFormed && !userName.includes('\0') ? await this.find(organisation, name) : undefined;
    if (row !== undefined && this.remembers(row, password)) return { ok: true, gateway: gatewayOf(row) };
    if (this.queue.length >= WAITING) return { ok: false, code: 'busy' };
    const right = await this.limited(() => verifyPassword(password, row?.password_hash ?? NOBODY));
    if (!right || row === undefined) return { ok: false, code: 'refused' };
    this.remember(row, password);
    return { ok: true, gateway: gatewayOf(row) };
  }

  private async find(organisation: string, name: string): Promise<ProvableRow | undefined> {
    this.finding++;
    try {
      const [row] = await this.database.query<ProvableRow>(
        `SELECT g.id, g.organisation_id, o.slug AS organisation, g.name, o.party, g.accepts_unsequenced, g.password_hash
         FROM gateway g JOIN organisation o ON o.id = g.organisation_id
         WHERE o.slug = $1 AND g.name = $2 AND o.served`,
        [organisation, name],
      );
      return row;
    } finally {
      this.finding--;
    }
  }

  private remembers(row: ProvableRow, password: Uint8Array): boolean {
    const proof = this.proofs.get(row.id);
    if (proof === undefined || proof.passwordHash !== row.password_hash || proof.until < this.clock.now()) return false;
    return timingSafeEqual(proof.tag, this.tag(password));
  }

  private remember(row: ProvableRow, password: Uint8Array): void {
    if (this.proofs.size >= REMEMBERED) this.proofs.clear();
    this.proofs.set(row.id, {
      passwordHash: row.password_hash,
      tag: this.tag(password),
      until: this.clock.now() + REMEMBER_MS,
    });
  }

  private tag(password: Uint8Array): Buffer {
    return createHmac('sha256', this.key).update(password).digest();
  }

  private async limited<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.running >= AT_ONCE) await new Promise<void>((resolve) => this.queue.push(resolve));
    this.running++;
    try {
      return await work();
    } finally {
      this.running--;
      this.queue.shift()?.();
    }
  }
}
