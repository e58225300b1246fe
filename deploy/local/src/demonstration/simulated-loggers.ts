import { ColdStore, SimulatedSensor } from '@coldchain/gateway-kit';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Time between two readings of a simulated logger. */
export const LOGGER_INTERVAL_MS = 10_000;
/** How long a person can watch before the failing fridge has used up the budget. */
const WATCH_MS = 100_000;

/** A simulated logger and the gateway that hears it. */
export interface SimulatedLogger {
  readonly logger: string;
  readonly organisation: string;
  readonly gateway: string;
  readonly kind: 'fridge-2-8' | 'freezer-20' | 'failing-fridge';
  /** ms since 1970: when it begins, and when a failing fridge starts to fail. */
  readonly from: number;
  readonly failsAt: number | null;
  readonly password: string;
}

/** When a fridge has to fail so that it has been above 8 °C for `spentMs` at `until`. */
function failureThatSpends(
  spentMs: number,
  { seed, from, until }: { seed: string; from: number; until: number },
): number {
  const aboveMs = (failsAt: number): number => {
    const faults = [{ kind: 'no-compressor', from: failsAt, until: Infinity, value: 0 }] as const;
    const store = new ColdStore({ kind: 'failing-fridge', seed, startedAt: from, faults });
    const sensor = new SimulatedSensor(store, seed, faults);
    let above = 0;
    for (let at = from; at < until; at += LOGGER_INTERVAL_MS) {
      if (sensor.milliCelsiusAt(at) > 8_000) above += LOGGER_INTERVAL_MS;
    }
    return above;
  };
  let [early, late] = [from, until];
  while (late - early > LOGGER_INTERVAL_MS) {
    const middle = Math.round((early + late) / 2);
    if (aboveMs(middle) > spentMs) early = middle;
    else late = middle;
  }
  return late;
}

/** The budget of the first failing fridge's product ends {@link WATCH_MS} from now; that of the second has ended. */
export function simulatedLoggers(now: number): Omit<SimulatedLogger, 'password'>[] {
  const from = now - 0.9 * DAY_MS;
  return [
    {
      logger: 'AUR-LOG-0001',
      organisation: 'pharmacy-north',
      gateway: 'fridge-north',
      kind: 'fridge-2-8',
      from,
      failsAt: null,
    },
    {
      logger: 'AUR-LOG-0002',
      organisation: 'pharmacy-south',
      gateway: 'fridge-south',
      kind: 'failing-fridge',
      from,
      failsAt: failureThatSpends(12 * HOUR_MS, { seed: 'AUR-LOG-0002', from, until: now + WATCH_MS }),
    },
    {
      logger: 'AUR-LOG-0003',
      organisation: 'pharmacy-south',
      gateway: 'fridge-south-old',
      kind: 'failing-fridge',
      from,
      failsAt: now - 18 * HOUR_MS,
    },
    {
      logger: 'AUR-LOG-0004',
      organisation: 'polar-logistics',
      gateway: 'truck-7',
      kind: 'freezer-20',
      from,
      failsAt: null,
    },
  ];
}
