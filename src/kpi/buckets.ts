/**
 * Exponential buckets at scale 5: each is 2^(1/32) times as wide as the one before it, so a value is known
 * to 1.1 %, whatever its size, and histograms add up bucket by bucket.
 *
 * For positive values they are the buckets of Prometheus' native histograms with schema 5 and of
 * OpenTelemetry's exponential histograms with scale 5 (opentelemetry.io/docs/specs/otel/metrics/data-model):
 * the value v is in bucket i where 2^((i - 1) / 32) < v <= 2^(i / 32). Here all of them are on one line of
 * whole numbers in the order of their values: i is moved up until the smallest number is 1, zero is 0, and
 * a negative value has the bucket of its absolute value with a minus.
 */

const perOctave = 32;

/** The bucket of 1; the smallest number there is, 2^-1074, has bucket 1. */
const bucketOfOne = 1074 * perOctave + 1;
const bucketOfInfinity = 1024 * perOctave + bucketOfOne + 1;

/** How much the upper bound of a bucket exceeds its lower bound. */
const growth = 2 ** (1 / perOctave);

/** 1 to 2 in equal ratios: where the buckets of one octave end. */
const octave = Float64Array.from({ length: perOctave + 1 }, (_, step) => 2 ** (step / perOctave));

/** @throws RangeError for NaN */
export function bucketOf(value: number): number {
  if (value === 0) return 0;
  if (Number.isNaN(value)) throw new RangeError('NaN is in no bucket');
  const bucket = bucketOfPositive(Math.abs(value));
  return value < 0 ? -bucket : bucket;
}

/**
 * A value that every value of the bucket is near to: off by (g - 1) / (g + 1) of it at most, with g the
 * growth, which is 1.083 %. (Below 2^-1022 a number has too few digits for that.)
 */
export function middleOf(bucket: number): number {
  if (bucket === 0) return 0;
  if (bucket < 0) return -middleOf(-bucket);
  if (bucket >= bucketOfInfinity) return Number.POSITIVE_INFINITY;
  const steps = bucket - 1 - bucketOfOne;
  const exponent = Math.floor(steps / perOctave);
  const within = octave[steps - exponent * perOctave]! * ((2 * growth) / (1 + growth));
  // In two factors, because 2^1023 is the largest power that a number holds, and 2^-1074 the smallest.
  const half = Math.trunc(exponent / 2);
  return within * powerOf2(half) * powerOf2(exponent - half);
}

/** Half of the least exponent, and of the greatest, and all between: a month asks for a third of a million. */
const leastHalf = -538;
const powers = Float64Array.from({ length: 512 - leastHalf + 1 }, (_, i) => 2 ** (leastHalf + i));
const powerOf2 = (exponent: number): number => powers[exponent - leastHalf]!;

function bucketOfPositive(value: number): number {
  if (value === Number.POSITIVE_INFINITY) return bucketOfInfinity;
  const [mantissa, exponent] = split(value);
  let step = Math.ceil(Math.log2(mantissa) * perOctave);
  // A logarithm is rounded; the bounds decide.
  while (step > 0 && mantissa <= octave[step - 1]!) step--;
  while (mantissa > octave[step]!) step++;
  return exponent * perOctave + step + bucketOfOne;
}

const double = new DataView(new ArrayBuffer(8));
const mantissaBits = 0xfffff;
const biasedZero = 1023 << 20;

/** value = mantissa x 2^exponent with 1 <= mantissa < 2, for a positive finite value. */
function split(value: number): [mantissa: number, exponent: number] {
  if (value < 2 ** -1022) {
    const [mantissa, exponent] = split(value * 2 ** 52);
    return [mantissa, exponent - 52];
  }
  double.setFloat64(0, value);
  const high = double.getInt32(0);
  double.setInt32(0, (high & mantissaBits) | biasedZero);
  return [double.getFloat64(0), (high >> 20) - 1023];
}
