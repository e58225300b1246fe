import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { BlockProblemCode } from '@coldchain/ledger';
import { EmbeddedLedger, verifyAttestation, verifyBlock } from '@coldchain/ledger/embedded';
import { EMBEDDED_ORGANISATIONS, type EmbeddedUnderTest, openEmbedded } from './open-embedded.js';
import { begin, commit, ledgerSuite, MAKER, packing } from './ledger.suite.js';
import { proofSuite } from './proof.suite.js';
import { refusalSuite } from './refusal.suite.js';

ledgerSuite('the embedded ledger', openEmbedded);
refusalSuite('the embedded ledger', openEmbedded);
proofSuite('the embedded ledger', openEmbedded, { verifyAttestation, verifyBlock, firstBlockSigners: 3 });

describe('the embedded ledger', () => {
  let embedded: EmbeddedUnderTest;

  beforeAll(async () => {
    embedded = await openEmbedded();
    await begin(embedded.ledger);
  });

  afterAll(() => embedded.close());

  const problems = async (): Promise<BlockProblemCode[]> => {
    const found: BlockProblemCode[] = [];
    let previous: string | null = null;
    for (let number = 0; ; number++) {
      const inspected = await embedded.ledger.inspect(number, previous);
      if (inspected === undefined) return [...new Set(found)].sort();
      found.push(...inspected.problems.map((problem) => problem.code));
      previous = inspected.block.headerHash;
    }
  };

  /** Runs a change as the owner of the database, looks, and takes it back. */
  const tampered = async (change: string, restore: string): Promise<BlockProblemCode[]> => {
    await embedded.owner.query('CREATE TABLE IF NOT EXISTS kept_block AS SELECT * FROM embedded_ledger.block');
    await embedded.owner.query(
      'CREATE TABLE IF NOT EXISTS kept_transaction AS SELECT * FROM embedded_ledger.transaction',
    );
    await embedded.owner.query(change);
    const found = await problems();
    await embedded.owner.query(restore);
    expect(await problems()).toEqual([]);
    return found;
  };
  const restoreTransactions = `UPDATE embedded_ledger.transaction t SET envelope = k.envelope,
    event_payload = k.event_payload, validation_code = k.validation_code
    FROM kept_transaction k WHERE k.transaction_id = t.transaction_id`;
  const restoreBlocks = `UPDATE embedded_ledger.block b SET content = k.content, signatures = k.signatures,
    previous_hash = k.previous_hash, header_hash = k.header_hash, data_hash = k.data_hash
    FROM kept_block k WHERE k.number = b.number`;

  it('keeps its keys from others', async () => {
    for (const mspid of EMBEDDED_ORGANISATIONS) {
      const { mode } = await stat(join(embedded.options.keysDirectory, `${mspid}.pem`));
      expect(mode & 0o777).toBe(0o600);
    }
  });

  it('refuses keys that are not those of its blocks, and does not make new ones for a ledger that has lost them', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'ledger-'));
    try {
      const opening = EmbeddedLedger.open({ ...embedded.options, keysDirectory: elsewhere });
      await expect(opening).rejects.toMatchObject({ code: 'ledger-keys-unreadable' });
      const other = await openEmbedded();
      const foreign = EmbeddedLedger.open({ ...embedded.options, keysDirectory: other.options.keysDirectory });
      await expect(foreign).rejects.toMatchObject({ code: 'ledger-keys-differ' });
      await other.close();
      await writeFile(join(elsewhere, 'ManufacturerMSP.pem'), '');
      await expect(EmbeddedLedger.open({ ...embedded.options, keysDirectory: elsewhere })).rejects.toMatchObject({
        code: 'ledger-keys-unreadable',
      });
    } finally {
      await rm(elsewhere, { recursive: true });
    }
  });

  it('refuses bytes that it did not make', async () => {
    const preparation = await embedded.ledger.prepare('aggregateUnit', packing('forged'), MAKER);
    if (preparation.kind !== 'prepared') throw new Error(preparation.kind);
    const { envelope } = preparation;
    const forged = Buffer.from(envelope);
    const at = forged.indexOf('UnitAggregated');
    forged.write('X', at);
    for (const bytes of [forged, envelope.subarray(0, 100), Buffer.from('nonsense'), Buffer.alloc(0)]) {
      await expect(embedded.ledger.submit(bytes)).rejects.toMatchObject({ code: 'envelope-invalid' });
    }
  });

  it('finds what was changed in its tables', async () => {
    const change = (column: string, where: string): string =>
      `UPDATE embedded_ledger.transaction SET ${column} WHERE ${where}`;
    const event = `block = 5`;
    expect(await tampered(change(`envelope = set_byte(envelope, 3000, 0)`, event), restoreTransactions)).toEqual(
      expect.arrayContaining(['data-hash-differs', 'header-differs', 'block-signatures-too-few']),
    );
    expect(await tampered(change(`event_payload = '{}'`, event), restoreTransactions)).toEqual(['event-differs']);
    expect(
      await tampered(`UPDATE embedded_ledger.block SET signatures = '[]' WHERE number = 3`, restoreBlocks),
    ).toEqual(['block-signatures-too-few']);
    expect(
      await tampered(
        `UPDATE embedded_ledger.block SET previous_hash = sha256('other') WHERE number = 3`,
        restoreBlocks,
      ),
    ).toEqual(['block-signatures-too-few', 'header-differs', 'previous-hash-differs']);
  });

  it('appends to one chain when two processes hold it open', async () => {
    const second = await EmbeddedLedger.open(embedded.options);
    const names = Array.from({ length: 40 }, (_, index) => `two processes ${index}`);
    await Promise.all(
      names.map((name, index) =>
        commit(index % 2 === 0 ? second : embedded.ledger, MAKER, 'aggregateUnit', packing(name)),
      ),
    );
    await second.close();
    expect(await problems()).toEqual([]);
  });

  it('is unavailable, not wrong, when its database is gone, and takes nothing after it was closed', async () => {
    const other = await openEmbedded();
    await begin(other.ledger);
    const preparation = await other.ledger.prepare('aggregateUnit', packing('late'), MAKER);
    if (preparation.kind !== 'prepared') throw new Error(preparation.kind);
    await other.owner.query(`ALTER TABLE embedded_ledger.state RENAME TO gone`);
    expect((await other.ledger.submit(preparation.envelope)).kind).toBe('unavailable');
    expect((await other.ledger.prepare('aggregateUnit', packing('later'), MAKER)).kind).toBe('unavailable');
    await other.owner.query(`ALTER TABLE embedded_ledger.gone RENAME TO state`);
    expect((await other.ledger.submit(preparation.envelope)).kind).toBe('committed');
    await other.ledger.close();
    expect((await other.ledger.submit(preparation.envelope)).kind).toBe('unavailable');
    await other.close();
  });
});
