/**
 * Adds numbers without rounding, so that a sum has the same last digit whatever the order and the grouping
 * of its parts. A number counts as the decimal that JSON writes it as: 0.1 is one tenth.
 */
export class ExactSum {
  /** The sum times 10^places. */
  private units = 0n;
  private places = 0;

  /** @throws RangeError for a number that is not finite */
  add(value: number): this {
    const [digits, places] = decimalOf(value);
    this.widenTo(places);
    this.units += digits * 10n ** BigInt(this.places - places);
    return this;
  }

  subtract(value: number): this {
    return this.add(-value);
  }

  /** In plain decimal digits, as Postgres' `numeric` reads it. */
  toString(): string {
    const digits = String(this.units < 0n ? -this.units : this.units).padStart(
      this.places + 1,
      '0',
    );
    const whole = digits.slice(0, digits.length - this.places);
    const fraction = this.places === 0 ? '' : `.${digits.slice(-this.places)}`;
    return `${this.units < 0n ? '-' : ''}${whole}${fraction}`;
  }

  private widenTo(places: number): void {
    if (places <= this.places) return;
    this.units *= 10n ** BigInt(places - this.places);
    this.places = places;
  }
}

/** value = digits / 10^places, with places at least 0. */
function decimalOf(value: number): [digits: bigint, places: number] {
  if (Number.isSafeInteger(value)) return [BigInt(value), 0];
  const [, sign, whole, fraction = '', exponent = '0'] =
    /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]\d+))?$/.exec(String(value)) ?? [];
  if (whole === undefined) throw new RangeError(`${value} has no sum`);
  const digits = BigInt(`${sign}${whole}${fraction}`);
  const places = fraction.length - Number(exponent);
  return places < 0 ? [digits * 10n ** BigInt(-places), 0] : [digits, places];
}
