/**
 * exp, log, sine and cosine from +, −, ×, ÷ alone, which IEEE 754 defines to the last bit. `Math.exp` and its kin may
 * differ between engines in that bit, and an optimiser turns such a bit into another optimum: the same history would
 * give other bytes on another Node. Coefficients: fdlibm (Sun Microsystems, 1993), `e_exp.c` and `e_log.c`.
 */

const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const INVERSE_LN2 = 1.4426950408889634;
const OVERFLOW = 709.782712893384;
const UNDERFLOW = -745.1332191019411;

const bits = new DataView(new ArrayBuffer(8));

/** 2^k for −1022 ≤ k ≤ 1023. */
function powerOfTwo(k: number): number {
  bits.setUint32(0, (k + 1023) << 20);
  bits.setUint32(4, 0);
  return bits.getFloat64(0);
}

/** e^x, error below one unit in the last place. */
export function exp(x: number): number {
  if (Number.isNaN(x)) return x;
  if (x > OVERFLOW) return Infinity;
  if (x < UNDERFLOW) return 0;
  const k = Math.round(x * INVERSE_LN2);
  const high = x - k * LN2_HIGH;
  const low = k * LN2_LOW;
  const r = high - low;
  const t = r * r;
  const c =
    r -
    t *
      (0.16666666666666602 +
        t *
          (-0.0027777777777015593 +
            t * (6.613756321437934e-5 + t * (-1.6533902205465252e-6 + t * 4.1381367970572385e-8))));
  const y = 1 - (low - (r * c) / (2 - c) - high);
  if (k > 1000) return y * powerOfTwo(k - 1000) * powerOfTwo(1000);
  return k < -1000 ? y * powerOfTwo(k + 1000) * powerOfTwo(-1000) : y * powerOfTwo(k);
}

/** Natural logarithm, error below one unit in the last place; −∞ at 0, NaN below. */
export function log(x: number): number {
  if (!(x > 0)) return x === 0 ? -Infinity : NaN;
  if (x === Infinity) return x;
  let scaled = x;
  let exponent = 0;
  if (x < 2.2250738585072014e-308) {
    scaled = x * 18014398509481984;
    exponent = -54;
  }
  bits.setFloat64(0, scaled);
  const head = bits.getUint32(0);
  exponent += (head >>> 20) - 1023;
  bits.setUint32(0, (head & 0xfffff) | 0x3ff00000);
  let mantissa = bits.getFloat64(0);
  if (mantissa > Math.SQRT2) {
    mantissa /= 2;
    exponent += 1;
  }
  const f = mantissa - 1;
  const s = f / (2 + f);
  const z = s * s;
  const r =
    z *
    (0.6666666666666735 +
      z *
        (0.3999999999940942 +
          z *
            (0.2857142874366239 +
              z *
                (0.22222198432149784 +
                  z * (0.1818357216161805 + z * (0.15313837699209373 + z * 0.14798198605116586))))));
  const half = 0.5 * f * f;
  return exponent * LN2_HIGH - (half - (s * (half + r) + exponent * LN2_LOW) - f);
}

/** x²; the operator `**` is `Math.pow`, whose last bit is the engine's. */
export function square(x: number): number {
  return x * x;
}

/** x^y for x ≥ 0; relative error about 1e-16 · (1 + |y · ln x|). */
export function power(x: number, y: number): number {
  if (y === 0) return 1;
  return x === 0 ? (y > 0 ? 0 : Infinity) : exp(y * log(x));
}

/** log(1 + x) without loss for small x. */
export function log1p(x: number): number {
  const u = 1 + x;
  return u === 1 ? x : (log(u) * x) / (u - 1);
}

/** Sine and cosine of `turns` full circles, error below 1e-15. */
export function sineAndCosine(turns: number): readonly [sine: number, cosine: number] {
  const part = turns - Math.floor(turns);
  const quarter = Math.round(part * 4);
  const angle = (part - quarter / 4) * 2 * Math.PI;
  const s = sineNearZero(angle);
  const c = cosineNearZero(angle);
  switch (quarter % 4) {
    case 0:
      return [s, c];
    case 1:
      return [c, -s];
    case 2:
      return [-s, -c];
    default:
      return [-c, s];
  }
}

/** Taylor series on [−π/4, π/4]; the first term left out is below 1e-18. */
function sineNearZero(x: number): number {
  const t = -x * x;
  let term = x;
  let sum = x;
  for (let k = 2; k <= 18; k += 2) {
    term *= t / (k * (k + 1));
    sum += term;
  }
  return sum;
}

function cosineNearZero(x: number): number {
  const t = -x * x;
  let term = 1;
  let sum = 1;
  for (let k = 1; k <= 19; k += 2) {
    term *= t / (k * (k + 1));
    sum += term;
  }
  return sum;
}
