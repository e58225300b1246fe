import { describe, expect, it } from '@jest/globals';
import { type GoodsMovement, kindOfMovement } from './goods-movements.js';

const [MAKER, WHOLESALE, PHARMACY, WARD] = [1, 2, 3, 4] as const;

/** What each movement of a unit is, as an organisation sees them one after another. */
function kinds(...steps: ['out' | 'in', number][]): string[] {
  const all: GoodsMovement[] = [];
  for (const [direction, counterpartyId] of steps) {
    all.push({ kind: kindOfMovement(all, direction, counterpartyId), counterpartyId });
  }
  return all.map(({ kind }) => kind);
}

describe('kindOfMovement', () => {
  it('is a return when goods go back to whom they came from', () => {
    expect(kinds(['in', MAKER], ['out', PHARMACY], ['in', PHARMACY])).toEqual(['received', 'issued', 'taken-back']);
    expect(kinds(['in', WHOLESALE], ['out', WHOLESALE])).toEqual(['received', 'sent-back']);
  });

  it('is an issue and a receipt when they go there again', () => {
    const wholesale = kinds(['in', MAKER], ['out', PHARMACY], ['in', PHARMACY], ['out', PHARMACY]);
    expect(wholesale).toEqual(['received', 'issued', 'taken-back', 'issued']);
    expect(kinds(['in', WHOLESALE], ['out', WHOLESALE], ['in', WHOLESALE])).toEqual([
      'received',
      'sent-back',
      'received',
    ]);
  });

  it('is a return through several hands, each to whom it came from', () => {
    expect(kinds(['in', WHOLESALE], ['out', WARD], ['in', WARD], ['out', WHOLESALE])).toEqual([
      'received',
      'issued',
      'taken-back',
      'sent-back',
    ]);
  });

  it('is none when a party that had them before gets them from another one', () => {
    // The maker had the unit, the pharmacy has it from the wholesaler.
    expect(kinds(['in', WHOLESALE], ['out', MAKER])).toEqual(['received', 'issued']);
    expect(kinds(['out', WHOLESALE], ['in', PHARMACY])).toEqual(['issued', 'received']);
  });
});
