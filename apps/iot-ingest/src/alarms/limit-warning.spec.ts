import { describe, expect, it } from '@jest/globals';
import { presetProfile, type Sample } from '@coldchain/telemetry';
import { limitWarning } from './limit-warning.js';

const PROFILE = presetProfile('2-8').thermal;
const MINUTE_MS = 60_000;
const readings = (minutes: number, celsius: (minute: number) => number): Sample[] =>
  Array.from({ length: minutes }, (_, minute) => ({
    at: minute * MINUTE_MS,
    low: Math.round(celsius(minute) * 1000),
    high: Math.round(celsius(minute) * 1000),
    humidityPermille: null,
  }));

describe('limitWarning', () => {
  it('says nothing about a steady fridge', () => {
    expect(
      limitWarning(
        readings(240, () => 5),
        PROFILE,
      ),
    ).toBeNull();
  });

  it('warns of warmth while the product is still inside, and says when it will leave', () => {
    const failing = readings(200, (minute) => (minute < 120 ? 5 : Math.min(14, 5 + (minute - 120) * 0.3)));
    const seen = failing.flatMap((_, index) => limitWarning(failing.slice(0, index + 1), PROFILE) ?? []);
    const [first] = seen;
    expect(first?.side).toBe('hot');
    // The air leaves the range ten minutes after the failure, the product long after it; told a quarter of an hour before.
    const told = (first?.since ?? 0) / MINUTE_MS;
    const outside = failing.findIndex(
      (_, minute) => minute > told && limitWarning(failing.slice(0, minute + 1), PROFILE) === null,
    );
    expect(told).toBeGreaterThan(120);
    expect(outside - told).toBeGreaterThanOrEqual(15);
    expect(first?.expectedAt).toBeGreaterThan(first?.since ?? 0);
    // One warning, until the product is outside.
    expect(new Set(seen.map(({ since }) => since)).size).toBe(1);
    expect(limitWarning(failing, PROFILE)).toBeNull();
  });

  it('leaves it to the excursion once the product is outside', () => {
    expect(
      limitWarning(
        readings(400, (minute) => (minute < 60 ? 5 : 15)),
        PROFILE,
      ),
    ).toBeNull();
  });
});
