import {
  commitment,
  contextWithin,
  documentDigest,
  EVENT_CONTEXT,
  eventHash,
  EVENT_HASH_PROFILES,
  type EventHashProfile,
  type JsonObject,
} from '@coldchain/epcis';
import type { Pool } from 'pg';
import type { ChainContent } from './check-chain.js';
import type { Finding, FsckReport } from './finding.js';

interface StoredEvent {
  readonly id: number | string;
  readonly document: string;
  readonly hash_profile: string;
  readonly event_hash: Buffer;
  readonly digest: Buffer;
  readonly salt: Buffer;
  readonly commitment: string;
  readonly command: string;
  readonly anchor_state: 'pending' | 'anchored' | 'refused';
  readonly transaction_id: string | null;
  readonly block: number | string | null;
}

const EVENTS_PER_READ = 500;

/** What the events say, and which commitments were found. */
export interface EventCheck {
  readonly findings: readonly Finding[];
  readonly events: FsckReport['events'];
}

/**
 * Recomputes every digest from the stored bytes and compares with the ledger in both directions: what is noted as
 * anchored stands there, and every anchor of an organisation that is served here has its event.
 * @param projected blocks up to the checkpoint: later anchors need not be noted yet
 */
export async function checkEvents(pool: Pool, chain: ChainContent, projected: number): Promise<EventCheck> {
  const findings: Finding[] = [];
  const counts = { checked: 0, anchored: 0, pending: 0, refused: 0 };
  const seen = new Set<string>();
  for (let after = 0; ;) {
    const { rows } = await pool.query<StoredEvent>(
      `SELECT id, document, hash_profile, event_hash, digest, salt, commitment, command, anchor_state, transaction_id, block
       FROM custody_event WHERE id > $1 ORDER BY id LIMIT $2`,
      [after, EVENTS_PER_READ],
    );
    for (const event of rows) {
      findings.push(...digestFindings(event), ...anchorFindings(event, chain, projected));
      counts[event.anchor_state]++;
      counts.checked++;
      seen.add(event.commitment);
    }
    const last = rows.at(-1);
    if (last === undefined) break;
    after = Number(last.id);
  }
  findings.push(...(await missingEvents(pool, chain, seen)));
  return { findings, events: counts };
}

function digestFindings(event: StoredEvent): Finding[] {
  const subject = `event ${event.id}`;
  const findings: Finding[] = [];
  try {
    const parsed = JSON.parse(event.document) as JsonObject;
    const { canonical, digest } = documentDigest(parsed);
    if (canonical !== event.document) {
      findings.push({ code: 'document-not-canonical', subject, detail: 'the stored text is not its RFC 8785 form' });
    }
    if (!digest.equals(event.digest)) {
      findings.push({ code: 'document-digest-differs', subject, detail: digest.toString('hex') });
    }
    const profile = EVENT_HASH_PROFILES.find((known): known is EventHashProfile => known === event.hash_profile);
    if (profile === undefined) {
      return [
        ...findings,
        { code: 'event-hash-differs', subject, detail: `profile ${event.hash_profile} is not known` },
      ];
    }
    // Events made here are stored without their context, which is the same for all of them.
    const hash = Buffer.from(eventHash(parsed, contextWithin(EVENT_CONTEXT, parsed), profile).hex, 'hex');
    if (!hash.equals(event.event_hash)) {
      findings.push({ code: 'event-hash-differs', subject, detail: hash.toString('hex') });
    }
    const sealed = commitment(event.salt, hash, digest, profile);
    if (sealed !== event.commitment) findings.push({ code: 'commitment-differs', subject, detail: sealed });
  } catch (error) {
    findings.push({ code: 'document-not-canonical', subject, detail: String(error) });
  }
  return findings;
}

function anchorFindings(event: StoredEvent, chain: ChainContent, projected: number): Finding[] {
  const subject = `event ${event.id}`;
  const anchor = chain.anchors.get(event.commitment);
  if (event.anchor_state !== 'anchored') {
    if (anchor === undefined || anchor.block > projected) return [];
    return [
      { code: 'anchor-not-noted', subject, detail: `block ${anchor.block}; it is noted as ${event.anchor_state}` },
    ];
  }
  if (anchor === undefined) {
    return [{ code: 'anchor-missing', subject, detail: `no block has commitment ${event.commitment}` }];
  }
  const same =
    anchor.transactionId === event.transaction_id &&
    anchor.block === Number(event.block) &&
    anchor.record.command === event.command;
  return same ? [] : [{ code: 'anchor-differs', subject, detail: `block ${anchor.block}, ${anchor.record.command}` }];
}

async function missingEvents(pool: Pool, chain: ChainContent, seen: ReadonlySet<string>): Promise<Finding[]> {
  const { rows } = await pool.query<{ party: string }>('SELECT party FROM organisation WHERE served');
  const served = new Set(rows.map((row) => row.party));
  return [...chain.anchors.values()]
    .filter(({ record }) => served.has(record.party) && !seen.has(record.commitment))
    .map(({ record, block }) => ({
      code: 'event-missing',
      subject: `anchor ${record.commitment}`,
      detail: `block ${block}, ${record.command} by ${record.party}`,
    }));
}
