const DECIMAL = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;

/**
 * A number as lists write it, spaces around it allowed; NaN for everything else: of an empty field, of spaces and of
 * `0x10` the language would make numbers that nobody wrote.
 */
export function decimalOf(text: string): number {
  const trimmed = text.trim();
  return DECIMAL.test(trimmed) ? Number(trimmed) : Number.NaN;
}
