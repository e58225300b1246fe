import { type AnomalyCause, AnomalyDetector, type AnomalyReading, type AnomalyRow } from './anomaly.js';
import type { Archive } from './archive.js';
import { Echo, scoreOf } from './flags.js';
import { SeriesSurprise } from './series-surprise.js';

/** Rows for which an event is told only once. */
const REFRACTORY_ROWS = 300;
/** Decades above what was told that count as new. */
const NEW_DECADES = 2;
/** Nothing is said before so many readings. */
const WARM_UP = 240;
const FIRST_STEP_MS = 5 * 60_000;

const NONE: readonly AnomalyCause[] = [];

/** Weights of what makes the sum, and the sum in decades that is flagged. */
export interface GeneralWeights {
  readonly profile: number;
  readonly innovation: number;
  readonly level: number;
  readonly flagged: number;
}

/** The setting for any series. The weights lie between those that did best on two different parts of the Numenta corpus. */
export const GENERAL: GeneralWeights = { profile: 1, innovation: 0.75, level: 0.75, flagged: 3.75 };

/** For series about which nothing is known: what {@link SeriesSurprise} finds, added by weights. */
export class GeneralDetector extends AnomalyDetector {
  private readonly surprise = new SeriesSurprise();
  private readonly echo: Echo;
  private readings = 0;
  private sinceFlag = Number.POSITIVE_INFINITY;

  constructor(private readonly weights: GeneralWeights = GENERAL) {
    super();
    this.echo = new Echo(REFRACTORY_ROWS, NEW_DECADES / weights.flagged);
  }

  protected override keepParts(archive: Archive): void {
    this.surprise.keep(archive);
    this.echo.keep(archive);
    this.readings = archive.number(this.readings);
    this.sinceFlag = archive.number(this.sinceFlag);
  }

  protected override judge({ at, value }: AnomalyReading, step: number | null): AnomalyRow {
    const { weights, surprise } = this;
    surprise.step(at, value, step ?? FIRST_STEP_MS);
    const profile = weights.profile * surprise.profile;
    const innovation = weights.innovation * surprise.innovation;
    const level = weights.level * surprise.level;
    const known = ++this.readings > WARM_UP;
    const strength = known ? this.echo.damp((profile + innovation + level) / weights.flagged) : 0;
    this.sinceFlag++;
    const alert = strength >= 1 && this.sinceFlag > REFRACTORY_ROWS;
    if (alert) this.sinceFlag = 0;
    const cause: AnomalyCause = level > profile && level > innovation ? 'level' : 'pattern';
    return { score: scoreOf(strength), alert, begins: alert ? [cause] : NONE, cause: strength >= 1 ? cause : null };
  }
}
