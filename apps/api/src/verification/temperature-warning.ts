import type { Exposure, ExposureRange, ProductProfile, ProfileId } from '@coldchain/chaincode/protocol';
import { findingsOfTransits } from '../evidence/evidence-findings.js';
import { percentOf, upperBounds, usedOf } from './temperature.js';
import { durationText, instantText } from './verdict-claims.js';
import type { ObjectFacts, UnitFacts, VerdictFacts } from './verdict-facts.js';

/** From this share of a budget on a warning is given. */
const NEARLY_SPENT_PERCENT = 80;

/** What the rules still allow and may soon allow no longer. */
export interface TemperatureWarning {
  readonly kind: 'outside' | 'nearly-spent' | 'spent' | 'long-transit' | 'uncalibrated';
  readonly sentence: string;
}

/** The newest way that was longer than a profile takes: a finding for quality, whatever was measured. */
function longTransits(object: ObjectFacts, now: number): Candidate[] {
  const [newest] = findingsOfTransits(object.transits, [...object.profiles.values()], now).slice(-1);
  if (newest === undefined) return [];
  return [{ kind: 'long-transit', sentence: newest.sentence, leftMs: Number.POSITIVE_INFINITY }];
}

/** A warning, and how pressing it is. */
interface Candidate extends TemperatureWarning {
  /** Time left; infinite where no budget counts it. */
  readonly leftMs: number;
}

/** The most pressing warning about any unit of the object under any of its profiles; null without one. */
export function warningOf(object: ObjectFacts, facts: VerdictFacts): TemperatureWarning | null {
  const who = object.kind === 'batch' ? 'A unit of it' : 'It';
  const candidates = object.batches.flatMap((batch) => {
    const id = batch.ledger?.profile;
    const profile = id === undefined ? undefined : object.profiles.get(id);
    if (id === undefined || profile === undefined) return [];
    return object.chains.flatMap((chain) => candidatesOf(chain, id, profile, facts.now, who));
  });
  candidates.push(...longTransits(object, facts.now));
  const rank = ({ kind, leftMs }: Candidate): number => (kind === 'outside' ? 0 : 1e15) + Math.min(leftMs, 1e14);
  const [first] = candidates.sort((a, b) => rank(a) - rank(b));
  const uncalibrated = uncalibratedSentence(object);
  if (first === undefined) return uncalibrated === null ? null : { kind: 'uncalibrated', sentence: uncalibrated };
  return { kind: first.kind, sentence: uncalibrated === null ? first.sentence : `${first.sentence} ${uncalibrated}` };
}

/** Since when evidence comes from a logger whose calibration was due; null: all of it from calibrated ones. */
export function uncalibratedSentence(object: ObjectFacts): string | null {
  const times = object.chains
    .flat()
    .flatMap((unit) => [...unit.legs, ...unit.past.flatMap(({ legs }) => legs)])
    .flatMap(({ uncalibratedSince }) => (uncalibratedSince === null ? [] : [uncalibratedSince]));
  if (times.length === 0) return null;
  return `Since ${instantText(Math.min(...times))} it was measured by a logger whose calibration was due.`;
}

function candidatesOf(
  chain: readonly UnitFacts[],
  id: ProfileId,
  profile: ProductProfile,
  now: number,
  who: string,
): Candidate[] {
  const bounds = upperBounds(chain, id, profile);
  const spentPercent = Math.max(0, ...bounds.map((exposure) => percentOf(exposure, profile)));
  const outside = chain
    .flatMap((unit) => unit.legs)
    .filter((leg) => leg.endedAt === null)
    .flatMap((leg) =>
      leg.breaches
        .filter((breach) => breach.profile === id)
        .map(({ milliCelsius }): Candidate => {
          const at = Math.min(leg.readingAt ?? leg.startedAt, now);
          // Since what was counted last time has gone on.
          const countedTo = Math.min(leg.countedTo ?? leg.startedAt, now);
          const left = leastLeft(bounds, profile, brokenBy(profile, milliCelsius), now - countedTo);
          const measured = `${(milliCelsius / 1000).toFixed(1)} °C at ${instantText(at)}`;
          return {
            kind: 'outside',
            sentence: `${who} is outside its limits now (${measured})${nextOf(spentPercent, left)}.`,
            leftMs: left?.leftMs ?? Number.POSITIVE_INFINITY,
          };
        }),
    );
  if (spentPercent < NEARLY_SPENT_PERCENT) return outside;
  const left = leastLeft(
    bounds,
    profile,
    profile.ranges.map((_, index) => index),
    0,
  );
  const spent: Candidate = {
    // Beyond its budget it is ok only because it was found usable.
    kind: spentPercent > 100 ? 'spent' : 'nearly-spent',
    sentence: `${spentPercent} % of the time allowed outside its limits is spent${nextOf(spentPercent, left)}.`,
    leftMs: left?.leftMs ?? Number.POSITIVE_INFINITY,
  };
  return [...outside, spent];
}

/** Beyond its budget nothing is left, although it was found usable: whatever comes on top holds it again. */
function nextOf(spentPercent: number, left: Left | null): string {
  if (spentPercent > 100) return '; any more of it holds the goods again';
  return left === null ? '' : `; ${left.text}`;
}

interface Left {
  readonly leftMs: number;
  readonly text: string;
}

/** The least time that any account leaves in some ranges; null when none of them has a budget. */
function leastLeft(
  bounds: readonly Exposure[],
  profile: ProductProfile,
  ranges: readonly number[],
  elapsedMs: number,
): Left | null {
  let least: Left | null = null;
  for (const exposure of bounds) {
    for (const index of ranges) {
      const allowedMs = profile.ranges[index]?.allowedMs ?? 0;
      if (allowedMs === 0) continue;
      const leftMs = Math.max(0, budgetLeft(exposure, profile, index) - elapsedMs);
      if (least === null || leftMs < least.leftMs) least = { leftMs, text: leftText(leftMs, allowedMs) };
    }
  }
  return least;
}

/** What one range leaves; where the sum of all counts, what is left of the sum at the rate of this range. */
function budgetLeft(exposure: Exposure, profile: ProductProfile, index: number): number {
  const left = (range: ExposureRange, at: number): number => range.allowedMs - usedOf(exposure, profile, at);
  const range = profile.ranges[index];
  if (range === undefined) return 0;
  if (profile.combine !== 'sum' || (range.activation ?? 'cumulative') !== 'cumulative') return left(range, index);
  const unspent = profile.ranges.reduce(
    (all, one, at) =>
      one.allowedMs === 0 || (one.activation ?? 'cumulative') !== 'cumulative'
        ? all
        : all - (exposure.usedMs[at] ?? 0) / one.allowedMs,
    1,
  );
  return Math.floor(unspent * range.allowedMs);
}

/** The ranges in which a temperature counts, by their index: unless nested, only the most extreme one (see the profile). */
function brokenBy(profile: ProductProfile, milliCelsius: number): number[] {
  const guard = profile.guardBandMilliCelsius ?? 0;
  const broken = profile.ranges.flatMap((range, index) => {
    const asJudged = range.comparator.startsWith('>') ? milliCelsius + guard : milliCelsius - guard;
    return breaks(range, asJudged) ? [{ range, index }] : [];
  });
  const extremity = ({ range }: { readonly range: ExposureRange }): number =>
    range.comparator.startsWith('>') ? range.limitMilliCelsius : -range.limitMilliCelsius;
  const kept = profile.combine === 'nested' ? broken : broken.sort((a, b) => extremity(b) - extremity(a)).slice(0, 1);
  return kept.map(({ index }) => index);
}

function breaks({ comparator, limitMilliCelsius }: ExposureRange, milliCelsius: number): boolean {
  if (milliCelsius === limitMilliCelsius) return comparator.endsWith('=');
  return comparator.startsWith('>') === milliCelsius > limitMilliCelsius;
}

/** Rounded down: nobody is told of more time than there is. */
function leftText(leftMs: number, allowedMs: number): string {
  const unitMs = leftMs < 2 * 3_600_000 ? 60_000 : leftMs < 2 * 86_400_000 ? 3_600_000 : 86_400_000;
  const left = Math.floor(leftMs / unitMs) * unitMs;
  const words = left === 0 ? 'less than 1 min' : left === 60_000 ? '1 min' : durationText(left);
  return `${words} of the allowed ${durationText(allowedMs)} ${left <= 60_000 ? 'is' : 'are'} left`;
}
