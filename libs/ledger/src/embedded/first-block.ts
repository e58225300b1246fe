import type { KeyObject } from 'node:crypto';
import { CHANNEL_NAME } from '@coldchain/chaincode/protocol';
import type { Clock, Random } from '@coldchain/kernel';
import type { Pool } from 'pg';
import { framed } from '../framing.js';
import { LedgerError } from '../ledger-error.js';
import { dataHash, headerBytes, headerHash, NO_HASH } from './block-header.js';
import { configurationOf, type LedgerConfiguration, publicKeysOf } from './block-inspection.js';
import { insertBlock, readBlocks } from './block-store.js';
import { sha256Hex } from './envelope.js';
import { OrganisationKeys } from './organisation-keys.js';
import { transaction } from './transaction.js';

interface Wanted {
  readonly pool: Pool;
  readonly keysDirectory: string;
  readonly organisations: readonly string[];
  readonly regulator: string;
}

/** The keys that sign, and those that block 0 names: they are the same. */
interface FirstBlock {
  readonly keys: OrganisationKeys;
  readonly publicKeys: ReadonlyMap<string, KeyObject>;
}

/**
 * Opens the keys that block 0 names, or makes keys and block 0 on an empty ledger. Only an empty ledger may get new keys:
 * a ledger whose keys are lost must not go on with others unseen.
 * @throws LedgerError `ledger-keys-unreadable`, `ledger-keys-differ`.
 */
export async function openFirstBlock(wanted: Wanted, clock: Clock, random: Random): Promise<FirstBlock> {
  return transaction(wanted.pool, 'BEGIN', 'COMMIT', async (client) => {
    // Two processes may start on an empty database: the second finds the block of the first.
    await client.query(`SELECT pg_advisory_xact_lock(hashtext('coldchain-embedded-ledger'))`);
    const [read] = await readBlocks(client, -1, 1);
    const keys = await OrganisationKeys.open(wanted.keysDirectory, wanted.organisations, read === undefined, random);
    const configuration =
      read === undefined ? configurationFor(wanted, keys, clock) : configurationOf(read.envelopes[0]);
    if (read === undefined) await insertFirstBlock(client, configuration, keys);
    else checkKeys(configuration, keys);
    return { keys, publicKeys: publicKeysOf(configuration) };
  });
}

function configurationFor(wanted: Wanted, keys: OrganisationKeys, clock: Clock): LedgerConfiguration {
  return {
    channel: CHANNEL_NAME,
    organisations: [...keys.publicKeys()].map(([mspid, publicKey]) => ({ mspid, publicKey })),
    regulator: wanted.regulator,
    timestamp: clock.now(),
  };
}

async function insertFirstBlock(
  db: Pick<Pool, 'query'>,
  configuration: LedgerConfiguration,
  keys: OrganisationKeys,
): Promise<void> {
  const envelope = framed(Buffer.from(JSON.stringify(configuration)));
  const header = { number: 0, previousHash: NO_HASH, dataHash: dataHash([envelope]) };
  const content = headerBytes(header);
  await insertBlock(db, {
    ...header,
    headerHash: headerHash(content),
    content,
    signatures: keys.quorum(keys.organisations[0] ?? '').map((mspid) => keys.sign(mspid, content)),
    transactions: [{ transactionId: sha256Hex(envelope), validation: 'VALID', envelope, event: null }],
  });
}

function checkKeys(configuration: LedgerConfiguration, keys: OrganisationKeys): void {
  const held = keys.publicKeys();
  const named = new Map(configuration.organisations.map(({ mspid, publicKey }) => [mspid, publicKey]));
  const differing = [...new Set([...held.keys(), ...named.keys()])].filter(
    (mspid) => held.get(mspid) !== named.get(mspid),
  );
  if (differing.length > 0) {
    throw new LedgerError(
      'ledger-keys-differ',
      `the keys of ${differing.join(', ')} are not those in block 0: restore the keys directory that belongs to this database`,
      { organisations: differing },
    );
  }
}
