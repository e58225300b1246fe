import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { foldReadings, presetProfile, startLeg } from '../index.js';
import type { Excursion, Reading, ThermalProfile } from '../index.js';
import { ALARM_SETTING, excursionAlarms, isFilled, missingSince } from './alarm.js';
import { alarmChanges, type ToldAlarm } from './alarm-changes.js';

const MINUTE_MS = 60_000;
const PROFILE: ThermalProfile = {
  ...presetProfile('2-8').thermal,
  ranges: [{ name: 'warm', comparator: '>', limitMilliCelsius: 8_000, allowedMs: 60 * MINUTE_MS }],
  openingMs: [0],
};
const SETTING = { minimumMs: 5 * MINUTE_MS, rejoinMs: 15 * MINUTE_MS, missingMs: 30 * MINUTE_MS };

/** Temperatures at every fifth minute, evaluated as a leg is. */
function evaluated(celsius: readonly number[]): { excursions: readonly Excursion[]; evaluatedTo: number | null } {
  const readings = celsius.map((value, index): Reading => ({
    at: index * 5 * MINUTE_MS,
    milliCelsius: value * 1000,
    humidityPermille: null,
  }));
  const samples = readings.map(({ at, milliCelsius }) => ({
    at,
    low: milliCelsius,
    high: milliCelsius,
    humidityPermille: null,
  }));
  const folded = foldReadings(startLeg([PROFILE], { startedAt: 0, intervalMs: 5 * MINUTE_MS, leadMs: 0 }), samples);
  if (folded.late) throw new Error('late');
  return { excursions: [...folded.closed, ...folded.open], evaluatedTo: folded.state.evaluatedTo };
}

const alarmsOf = (celsius: readonly number[], setting = SETTING) =>
  excursionAlarms({ ...evaluated(celsius), profiles: [PROFILE], legEndedAt: null, held: false }, setting);

describe('excursionAlarms', () => {
  it('tells one warming that breaks two rules once, and ends it when it was kept away long enough', () => {
    const warm = [5, 9, 10, 5];
    expect(alarmsOf(warm)).toMatchObject([{ side: 'hot', endedAt: null, hottestMilliCelsius: 10_000 }]);
    const over = alarmsOf([...warm, 5, 5, 5]);
    expect(over).toMatchObject([{ openedAt: 5 * MINUTE_MS, endedAt: 15 * MINUTE_MS }]);
    expect(over[0]?.rules).toHaveLength(2);
  });

  it('does not ring again at every swing around the limit', () => {
    expect(alarmsOf([9, 5, 9, 5, 9, 5])).toHaveLength(1);
    expect(alarmsOf([9, 5, 5, 5, 5, 9, 9])).toHaveLength(2);
  });

  it('tells warmth and cold apart', () => {
    expect(alarmsOf([9, 1, 9, 1]).map(({ side }) => side)).toEqual(['hot', 'cold']);
  });

  it('leaves out what is shorter than the minimum, unless the goods are held for it', () => {
    const setting = { ...SETTING, minimumMs: 20 * MINUTE_MS };
    expect(alarmsOf([5, 9, 5], setting)).toEqual([]);
    const facts = { ...evaluated([5, 9, 5]), profiles: [PROFILE], legEndedAt: null, held: true };
    expect(excursionAlarms(facts, setting)).toHaveLength(1);
  });

  it('puts each excursion into exactly one alarm of its side', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -3, max: 12 }), { minLength: 1, maxLength: 80 }), (celsius) => {
        const { excursions } = evaluated(celsius);
        const alarms = alarmsOf(celsius, { ...SETTING, minimumMs: 0 });
        return excursions.every(
          (excursion) =>
            alarms.filter(
              (alarm) =>
                alarm.rules.includes(`${excursion.profile}: ${excursion.rule}`) &&
                alarm.openedAt <= excursion.openedAt &&
                (alarm.endedAt ?? Number.POSITIVE_INFINITY) >= (excursion.closedAt ?? Number.POSITIVE_INFINITY),
            ).length === 1,
        );
      }),
    );
  });
});

describe('alarmChanges', () => {
  const follow = (told: readonly ToldAlarm[], celsius: readonly number[], ids: { next: number }): ToldAlarm[] => {
    const alarms = new Map(told.map((alarm) => [alarm.id, alarm]));
    for (const change of alarmChanges(told, alarmsOf(celsius))) {
      if (change.kind === 'raised') alarms.set(ids.next, { id: ids.next++, ...change.alarm });
      else if (change.kind === 'updated') alarms.set(change.id, { id: change.id, ...change.alarm });
      else alarms.delete(change.id);
    }
    return [...alarms.values()].sort((one, other) => one.openedAt - other.openedAt || (one.side < other.side ? -1 : 1));
  };
  const without = ({ id: _id, ...alarm }: ToldAlarm): object => alarm;
  const trace = fc.array(fc.integer({ min: -3, max: 12 }), { minLength: 1, maxLength: 60 });

  it('ends in the alarms of the last state, whatever was known in between', () => {
    fc.assert(
      fc.property(fc.array(trace, { minLength: 1, maxLength: 6 }), (states) => {
        const ids = { next: 1 };
        const told = states.reduce<ToldAlarm[]>((before, celsius) => follow(before, celsius, ids), []);
        expect(told.map(without)).toEqual(alarmsOf(states.at(-1) ?? []));
        // A replay tells nothing.
        expect(alarmChanges(told, alarmsOf(states.at(-1) ?? []))).toEqual([]);
      }),
    );
  });

  it('rings once for a warming, however it grows', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 30 }), (length) => {
        const ids = { next: 1 };
        let told: ToldAlarm[] = [];
        for (let known = 1; known <= length; known++) told = follow(told, [5, ...Array(known).fill(9)], ids);
        expect(follow(told, [9, ...Array(length).fill(9), 5, 5, 5, 5], ids)).toHaveLength(1);
        expect(ids.next).toBe(2);
      }),
    );
  });

  it('withdraws what a late reading shows to have been two, and keeps the earlier name', () => {
    const ids = { next: 1 };
    const apart = follow([], [9, 5, 5, 5, 5, 9, 9], ids);
    expect(apart).toHaveLength(2);
    expect(follow(apart, [9, 9, 9, 9, 9, 9, 9], ids)).toMatchObject([{ id: 1, openedAt: 0, endedAt: null }]);
  });
});

describe('missingSince', () => {
  const leg = { startedAt: 0, holdsUntil: 105 * MINUTE_MS, intervalMs: 5 * MINUTE_MS };
  it('waits for its own delay, counted from when the last reading holds no longer', () => {
    expect(missingSince(leg, ALARM_SETTING, 135 * MINUTE_MS)).toBeNull();
    expect(missingSince(leg, ALARM_SETTING, 135 * MINUTE_MS + 1)).toBe(105 * MINUTE_MS);
  });
  it('gives slow loggers three intervals', () => {
    const slow = { startedAt: 0, holdsUntil: null, intervalMs: 60 * MINUTE_MS };
    expect(missingSince(slow, ALARM_SETTING, 180 * MINUTE_MS)).toBeNull();
    expect(missingSince(slow, ALARM_SETTING, 181 * MINUTE_MS)).toBe(0);
  });
});

describe('isFilled', () => {
  const filled = (...gaps: (readonly [number, number])[]): boolean =>
    isFilled(gaps, 100 * MINUTE_MS, 5 * MINUTE_MS, ALARM_SETTING);
  it('asks for a gap from then on that would have been told itself', () => {
    expect(filled()).toBe(true);
    expect(filled([10 * MINUTE_MS, 90 * MINUTE_MS], [110 * MINUTE_MS, 120 * MINUTE_MS])).toBe(true);
    expect(filled([100 * MINUTE_MS, 131 * MINUTE_MS])).toBe(false);
  });
});
