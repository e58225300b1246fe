import { createPublicKey, type KeyObject } from 'node:crypto';
import type { Database } from '@coldchain/database';
import type { Clock } from '@coldchain/kernel';
import type { Logger } from '@coldchain/runtime';
import { type GatewayModel, type SignatureAlgorithm, usableModel } from '@coldchain/telemetry';

/** A public key that a gateway signs frames with. */
export interface GatewayKey {
  readonly id: number;
  readonly kid: string;
  readonly algorithm: SignatureAlgorithm;
  readonly key: KeyObject;
}

/** How messages of a gateway are to be read. */
export interface GatewayPolicy {
  /** Null: the platform's own forms. `unusable`: the registered one is unknown here, or its mapping is none. */
  readonly model: GatewayModel | 'unusable' | null;
  readonly signaturesRequired: boolean;
  /** Not revoked; oldest first. */
  readonly keys: readonly GatewayKey[];
  /** Some key of it was revoked: what it signs is believed by a key that is left, or not at all. */
  readonly hasRevokedKeys: boolean;
}

/** A change of the registry counts after this time. */
const REMEMBER_MS = 3_000;
const REMEMBERED = 100_000;
/** A form without a key id is tried against each of these: more would let a stranger's frames cost too much. */
const KEYS = 4;

interface PolicyRow {
  readonly id: number;
  readonly model: string | null;
  readonly mapping: unknown;
  readonly signatures_required: boolean;
  readonly has_revoked_keys: boolean;
  readonly keys: readonly {
    readonly id: number;
    readonly kid: string;
    readonly algorithm: SignatureAlgorithm;
    readonly spki: string;
  }[];
}

/** Policies of gateways from the database, remembered for a moment. */
export class GatewayPolicies {
  private readonly known = new Map<number, { readonly policy: GatewayPolicy; readonly until: number }>();
  /** By what is registered: to read a key costs more than to verify with it, and policies are asked for again and again. */
  private readonly keys = new Map<string, KeyObject>();

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  /** Policies of all of these gateways. @throws when the database does not answer */
  async of(gatewayIds: ReadonlySet<number>): Promise<ReadonlyMap<number, GatewayPolicy>> {
    const now = this.clock.now();
    if (this.known.size > REMEMBERED) this.known.clear();
    const policies = new Map<number, GatewayPolicy>();
    const missing: number[] = [];
    for (const id of gatewayIds) {
      const known = this.known.get(id);
      if (known !== undefined && known.until >= now) policies.set(id, known.policy);
      else missing.push(id);
    }
    if (missing.length > 0) {
      for (const row of await this.database.query<PolicyRow>(SELECT, [missing, KEYS])) {
        const policy = this.policyOf(row);
        policies.set(row.id, policy);
        this.known.set(row.id, { policy, until: now + REMEMBER_MS });
      }
    }
    return policies;
  }

  private policyOf(row: PolicyRow): GatewayPolicy {
    return {
      // Nothing is thrown: one gateway's registration must not hold up the messages of others.
      model: row.model === null ? null : (usableModel({ name: row.model, mapping: row.mapping }) ?? 'unusable'),
      signaturesRequired: row.signatures_required,
      hasRevokedKeys: row.has_revoked_keys,
      keys: row.keys.flatMap(({ id, kid, algorithm, spki }) => {
        try {
          return [{ id, kid, algorithm, key: this.keyOf(spki) }];
        } catch (error) {
          this.logger.error({ err: error, gateway: row.id, kid }, 'registered key cannot be read');
          return [];
        }
      }),
    };
  }

  private keyOf(spki: string): KeyObject {
    const known = this.keys.get(spki);
    if (known !== undefined) return known;
    if (this.keys.size > REMEMBERED) this.keys.clear();
    const key = createPublicKey({ key: Buffer.from(spki, 'base64'), format: 'der', type: 'spki' });
    this.keys.set(spki, key);
    return key;
  }
}

const SELECT = `
  SELECT g.id, g.model, g.mapping, o.signatures_required,
         EXISTS (SELECT FROM gateway_key k WHERE k.gateway_id = g.id AND k.revoked_at IS NOT NULL) AS has_revoked_keys,
         coalesce((SELECT json_agg(json_build_object('id', k.id, 'kid', k.kid, 'algorithm', k.algorithm,
                                                     'spki', encode(k.public_key, 'base64')) ORDER BY k.id)
                   FROM (SELECT * FROM gateway_key k WHERE k.gateway_id = g.id AND k.revoked_at IS NULL
                         ORDER BY k.id DESC LIMIT $2) k), '[]') AS keys
  FROM gateway g JOIN organisation o ON o.id = g.organisation_id WHERE g.id = ANY ($1::int4[])`;
