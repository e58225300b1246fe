import { DomainError } from '@coldchain/kernel';

/** Why a series, a stock position or an option is refused. The README explains each. */
export const FORECAST_ERROR_CODES = [
  'series-empty',
  'series-not-finite',
  'series-too-large',
  'calendar-invalid',
  'horizon-invalid',
  'level-invalid',
  'probability-invalid',
  'parameter-invalid',
  'score-undefined',
  'hierarchy-invalid',
  'stock-invalid',
] as const;

/** One of {@link FORECAST_ERROR_CODES}. */
export type ForecastErrorCode = (typeof FORECAST_ERROR_CODES)[number];

/** An input that no forecast, score or order can be made of. Its `details` name the value and its place. */
export class ForecastError extends DomainError<ForecastErrorCode> {
  constructor(
    readonly code: ForecastErrorCode,
    message: string,
    details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message, details);
  }
}
