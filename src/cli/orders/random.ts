/** Randomness that can be repeated: the same seed gives the same sequence. */

/** The next number of a sequence, in [0, 1). */
export type Random = () => number;

/**
 * splitmix32, by Guy Steele, Doug Lea and Christine Flood ("Fast Splittable Pseudorandom Number
 * Generators", 2014), in its 32-bit form. For test data, not for secrets.
 */
export function createRandom(seed: number): Random {
  let state = seed | 0;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = state ^ (state >>> 16);
    mixed = Math.imul(mixed, 0x21f0aaad);
    mixed ^= mixed >>> 15;
    mixed = Math.imul(mixed, 0x735a2d97);
    mixed ^= mixed >>> 15;
    return (mixed >>> 0) / 2 ** 32;
  };
}

/** A whole number from `least` to `most`, both possible. */
export const between = (random: Random, least: number, most: number): number =>
  least + Math.floor(random() * (most - least + 1));

/** @throws RangeError where there is nothing to pick from. */
export function pick<T>(random: Random, choices: readonly T[]): T {
  if (choices.length === 0) throw new RangeError('there is nothing to pick from');
  return choices[Math.floor(random() * choices.length)]!;
}

/** True in `share` of all cases, 0 to 1. */
export const chance = (random: Random, share: number): boolean => random() < share;
