/** Why a logger is likely quiet, from the far end of its way to the near one. */
export const SILENCE_CAUSES = ['broker', 'gateway', 'battery', 'clock', 'range'] as const;
export type SilenceCause = (typeof SILENCE_CAUSES)[number];

/** What counters say about a quiet logger and the gateway that heard it last. */
export interface SilenceFacts {
  /** Any gateway was heard within the time for which this logger is quiet. */
  readonly othersHeard: boolean;
  /** Its gateway was heard within that time; null: no gateway ever heard it. */
  readonly gatewayHeard: boolean | null;
  /** What its gateway said last. */
  readonly gatewayState: 'online' | 'offline' | null;
  /** Last known charges, per cent. */
  readonly gatewayBatteryPercent: number | null;
  readonly loggerBatteryPercent: number | null;
  /** Messages of its gateway that were set aside for an implausible time within that time. */
  readonly refusedForTheirTime: number;
}

/** At or below it a battery is taken for empty. */
const EMPTY_PERCENT = 10;

/**
 * Names the likely cause: when nobody is heard, the broker or the line to it; when its gateway is not, that gateway's
 * battery or the gateway; when the gateway is heard and readings were set aside for their time, a clock; else the
 * logger's battery or the radio between the two.
 */
export function silenceCause(facts: SilenceFacts): SilenceCause {
  const { gatewayHeard, gatewayState, gatewayBatteryPercent, loggerBatteryPercent } = facts;
  const gatewayQuiet = gatewayHeard === false || (gatewayHeard !== null && gatewayState === 'offline');
  if (gatewayQuiet && !facts.othersHeard) return 'broker';
  if (gatewayQuiet) return isEmpty(gatewayBatteryPercent) ? 'battery' : 'gateway';
  if (facts.refusedForTheirTime > 0) return 'clock';
  return isEmpty(loggerBatteryPercent) ? 'battery' : 'range';
}

function isEmpty(percent: number | null): boolean {
  return percent !== null && percent <= EMPTY_PERCENT;
}
