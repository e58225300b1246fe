import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import type { ProductProfile } from '@coldchain/chaincode/protocol';
import { carton, GTIN, HOUR_MS, PROFILE } from './custody-world.js';
import { EvidenceWorld } from './evidence-world.js';

const MINUTE = 60_000;
const BOX = carton(1);
const { gtin: _gtin, version: _version, ...RULES } = PROFILE;

let world: EvidenceWorld;
afterEach(() => world.close());

/** What the owner is told about the box under other rules than the published ones. */
async function whatIf(published: Partial<ProductProfile>, proposed: Partial<ProductProfile>): Promise<unknown> {
  await world.evaluate();
  await world.api.anchorAll();
  const { body } = await world.api.expect(200, 'whatIfProfile', {
    role: 'quality',
    params: { gtin: GTIN },
    body: { profile: { ...RULES, ...published, ...proposed } },
  });
  return (body['units'] as { sscc: string }[]).find(({ sscc }) => sscc === BOX);
}
const gap = (allowedMs: number): Partial<ProductProfile> => ({ gap: { allowedMs, policy: 'unknown' } });

describe('what a profile would change', () => {
  it('goes by the gaps that verdicts go by: of goods said to have left 45 minutes before, those are no evidence', async () => {
    const published = { evidence: 'location-sensor', ...gap(HOUR_MS) } as const;
    world = await EvidenceWorld.open(published.evidence, published);
    await world.assign('cold-room', 'ROOM');
    await world.pack(BOX, 1, 2, { place: 'cold-room' });
    await world.pass(2 * HOUR_MS, { ROOM: 5 });
    await world.late('leavePlace', 'cold-room', BOX, 45 * MINUTE);
    const within = { sscc: BOX, before: 'within', after: 'within', legsMissing: 0 };
    const stricter = { ...within, evidence: { before: 'complete', after: 'incomplete' }, changes: true };
    expect(await whatIf(published, gap(40 * MINUTE))).toMatchObject(stricter);
    const same = { ...within, evidence: { before: 'complete', after: 'complete' }, changes: false };
    expect(await whatIf(published, gap(50 * MINUTE))).toMatchObject(same);
    const folder = mkdtempSync(join(tmpdir(), 'coldchain-what-if-'));
    try {
      const file = join(folder, 'profile.json');
      writeFileSync(file, JSON.stringify({ ...RULES, ...published, ...gap(40 * MINUTE) }));
      const { status, out } = await world.cli('quality', 'profile', 'what-if', file, '--gtin', GTIN);
      expect([status, out]).toEqual([1, expect.stringContaining('within -> within, evidence complete -> incomplete')]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
