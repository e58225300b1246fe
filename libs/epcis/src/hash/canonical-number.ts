const plainNumber = /^([+-]?)(\d+(?:_\d+)*)?(?:\.(\d+(?:_\d+)*)?)?(?:[eE]([+-]?\d+(?:_\d+)*))?$/;

interface Parts {
  readonly sign: string;
  readonly digits: string;
  readonly exponent: number;
}

/** Digits and power of ten of a text that the reference takes for a number (Python's grammar), or null. */
function partsOf(text: string): Parts | null {
  const match = plainNumber.exec(text.trim());
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = match ?? [];
  if (match === null || whole + fraction === '') return null;
  const bare = (part: string): string => part.replaceAll('_', '');
  const decimals = bare(fraction);
  return {
    sign: sign === '-' ? '-' : '',
    digits: bare(whole) + decimals,
    exponent: Number(bare(exponent)) - decimals.length,
  };
}

/** 2025: by way of a binary double, printed as Python prints it (`1e-05`; whole numbers with all their digits). */
function throughDouble(text: string): string {
  const number = Number(text.trim().replaceAll('_', ''));
  if (!Number.isFinite(number)) return text;
  if (Number.isInteger(number)) return BigInt(number).toString();
  if (Math.abs(number) >= 1e-4) return String(number);
  return number.toExponential().replace(/e-(\d)$/, 'e-0$1');
}

/** Since 2026: exact decimals without trailing zeros; whole numbers in powers of ten keep the notation of Python. */
function throughDecimal({ sign, digits, exponent }: Parts): string {
  const significant = digits.replace(/^0+(?=\d)/, '');
  if (exponent > 0) {
    const shift = significant.length - 1 + exponent;
    const mantissa = significant.length > 1 ? `${significant.charAt(0)}.${significant.slice(1)}` : significant;
    return `${sign}${mantissa}E+${shift}`;
  }
  const padded = digits.padStart(1 - exponent, '0');
  const cut = padded.length + exponent;
  const whole = padded.slice(0, cut).replace(/^0+(?=\d)/, '');
  const fraction = padded.slice(cut).replace(/0+$/, '');
  return sign + (fraction === '' ? whole : `${whole}.${fraction}`);
}

/** Numbers, also as text, without trailing zeros and without a plus sign; other texts unchanged. */
export function canonicalNumber(text: string, before2026: boolean): string {
  const parts = partsOf(text);
  if (parts === null || Math.abs(parts.exponent) > 400) return text;
  return before2026 ? throughDouble(text) : throughDecimal(parts);
}
