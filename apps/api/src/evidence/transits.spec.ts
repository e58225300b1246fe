import { describe, expect, it } from '@jest/globals';
import { transitsOf, type TransitStep } from './transits.js';

const step = (command: string, at: number, by: string, receiver: string | null = null): TransitStep => ({
  command,
  at,
  by,
  receiver,
});

describe('transitsOf', () => {
  it('goes from despatch to receipt, and one that has not ended goes on', () => {
    const steps = [
      step('shipUnits', 1, 'maker', 'carrier'),
      step('receiveUnits', 5, 'carrier'),
      step('shipUnits', 7, 'carrier', 'north'),
    ];
    expect(transitsOf(steps)).toEqual([
      { from: 'maker', to: 'carrier', shippedAt: 1, endedAt: 5 },
      { from: 'carrier', to: 'north', shippedAt: 7, endedAt: null },
    ]);
  });

  it.each(['cancelShipment', 'refuseReceipt', 'resolveDiscrepancy'])('ends with %s as well', (command) => {
    const [transit] = transitsOf([step('shipUnits', 1, 'maker', 'north'), step(command, 3, 'maker')]);
    expect(transit?.endedAt).toBe(3);
  });

  it('ends one whose receipt is not known here where the next one begins', () => {
    const steps = [step('shipUnits', 1, 'maker', 'carrier'), step('shipUnits', 9, 'carrier', 'north')];
    expect(transitsOf(steps).map(({ endedAt }) => endedAt)).toEqual([9, null]);
    expect(transitsOf([step('receiveUnits', 2, 'north')])).toEqual([]);
  });
});
