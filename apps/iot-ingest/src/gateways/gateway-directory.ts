import type { Database } from '@coldchain/database';
import { type Clock, sleep } from '@coldchain/kernel';
import type { Logger } from '@coldchain/runtime';
import type { Gateway } from '../message-source.js';
import { TopicCache } from '../topics.js';

const REMEMBER_MS = 30_000;
/** A gateway that is registered meanwhile is known after this time. */
const REMEMBER_UNKNOWN_MS = 3_000;
const REMEMBERED = 100_000;
const AGAIN_MS = 500;

/** A gateway as it is registered. */
export interface GatewayRow {
  readonly id: number;
  readonly organisation_id: number;
  readonly organisation: string;
  readonly name: string;
  readonly party: string;
  readonly accepts_unsequenced: boolean;
}

/**
 * Gateways by the names in their topics, for sources where a broker proved who publishes on which topic. Remembered for a
 * moment, so that a message of a known gateway costs no question.
 */
export class GatewayDirectory {
  private readonly known = new Map<string, { readonly gateway: Gateway | null; readonly until: number }>();
  private readonly asking = new Map<string, Promise<Gateway | null>>();
  private readonly stopping = new AbortController();
  /** What topics name. */
  readonly topics = new TopicCache();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** By `{organisation}/{gateway}`. Null: there is no such gateway; undefined: it has to be looked up. */
  remembered(userName: string): Gateway | null | undefined {
    const known = this.known.get(userName);
    return known === undefined || known.until < this.clock.now() ? undefined : known.gateway;
  }

  /** Looks it up, for as long as the database does not answer. Undefined: stopped before. */
  async find(organisation: string, name: string): Promise<Gateway | null | undefined> {
    const key = `${organisation}/${name}`;
    const asked = this.asking.get(key) ?? this.ask(organisation, name);
    this.asking.set(key, asked);
    try {
      return await asked;
    } catch {
      return undefined;
    }
  }

  /** Ends look-ups that wait for the database. */
  stop(): void {
    this.stopping.abort();
  }

  private async ask(organisation: string, name: string): Promise<Gateway | null> {
    const key = `${organisation}/${name}`;
    const { signal } = this.stopping;
    try {
      for (;;) {
        signal.throwIfAborted();
        try {
          const gateway = await this.row(organisation, name);
          if (this.known.size > REMEMBERED) this.known.clear();
          const until = this.clock.now() + (gateway === null ? REMEMBER_UNKNOWN_MS : REMEMBER_MS);
          this.known.set(key, { gateway, until });
          return gateway;
        } catch (error) {
          this.logger.warn({ err: error }, 'gateways cannot be looked up now');
          await sleep(AGAIN_MS, signal);
        }
      }
    } finally {
      this.asking.delete(key);
    }
  }

  private async row(organisation: string, name: string): Promise<Gateway | null> {
    // A topic can hold what no name can; PostgreSQL knows no U+0000.
    if (organisation.includes('\0') || name.includes('\0')) return null;
    const [row] = await this.database.query<GatewayRow>(
      `SELECT g.id, g.organisation_id, o.slug AS organisation, g.name, o.party, g.accepts_unsequenced
       FROM gateway g JOIN organisation o ON o.id = g.organisation_id WHERE o.slug = $1 AND g.name = $2 AND o.served`,
      [organisation, name],
    );
    return row === undefined ? null : gatewayOf(row);
  }
}

/** A gateway as its row says. */
export function gatewayOf(row: GatewayRow): Gateway {
  return {
    id: row.id,
    organisationId: row.organisation_id,
    organisation: row.organisation,
    name: row.name,
    party: row.party,
    acceptsUnsequenced: row.accepts_unsequenced,
  };
}
