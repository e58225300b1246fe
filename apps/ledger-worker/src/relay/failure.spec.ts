import { describe, expect, it } from '@jest/globals';
import { LedgerError } from '@coldchain/ledger';
import { isToPark, lasts, rowError } from './failure.js';

const PARTY = 'PharmacyMSP:north';

describe('a failed attempt', () => {
  it('lasts when it is about this row: no key, a defect', () => {
    expect(lasts(new LedgerError('party-not-served', 'no identity', { party: PARTY }), PARTY)).toBe(true);
    expect(lasts(new LedgerError('party-not-served', 'no key', { mspid: 'PharmacyMSP' }), PARTY)).toBe(true);
    expect(lasts(new LedgerError('ledger-keys-unreadable', 'EACCES', { party: PARTY }), PARTY)).toBe(true);
    expect(lasts(new LedgerError('chaincode-failed', 'TypeError'), PARTY)).toBe(true);
    expect(lasts(new TypeError('x is not a function'), PARTY)).toBe(true);
  });

  it('passes when it is about the ledger, the database, or the party that reads for all', () => {
    expect(lasts(new LedgerError('party-not-served', 'no identity', { party: 'RegulatorMSP:reader' }), PARTY)).toBe(
      false,
    );
    expect(lasts(new LedgerError('ledger-unavailable', 'no peer'), PARTY)).toBe(false);
    expect(lasts(new Error('Connection terminated unexpectedly'), PARTY)).toBe(false);
    expect(lasts(Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }), PARTY)).toBe(false);
  });

  it('parks after enough of them over enough time, not by either alone', () => {
    const limits = { failures: 3, durationMs: 1000 };
    expect(isToPark({ failures: 0, failingSince: null }, 5000, limits)).toBe(false);
    expect(isToPark({ failures: 2, failingSince: 4500 }, 5000, limits)).toBe(false);
    expect(isToPark({ failures: 1, failingSince: 0 }, 5000, limits)).toBe(false);
    expect(isToPark({ failures: 2, failingSince: 4000 }, 5000, limits)).toBe(true);
  });

  it('is told with its code', () => {
    expect(rowError(new LedgerError('chaincode-failed', 'why'))).toEqual({ code: 'chaincode-failed', reason: 'why' });
    expect(rowError('text')).toEqual({ code: 'unexpected', reason: 'text' });
  });
});
