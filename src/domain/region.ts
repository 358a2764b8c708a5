/** Where an order goes, coarse enough to count by. */

const longest = 32;

/**
 * The region of an address, `US-CA`: country and state, or the state alone where no country is given.
 * In capitals, without outer or repeated blanks, at most 32 UTF-16 units, since it is a KPI dimension
 * and a search attribute.
 */
export function regionOf({ country, state }: { country?: string; state: string }): string {
  const parts = country === undefined ? [state] : [country, state];
  const region = parts.map(normalised).join('-').slice(0, longest);
  return withoutHalfCharacter(region).trimEnd();
}

const normalised = (part: string): string =>
  part.toUpperCase().normalize('NFC').trim().replace(/\s+/g, ' ');

/** Cutting by UTF-16 units can leave the first half of a character, which UTF-8 can not hold. */
const withoutHalfCharacter = (text: string): string => text.replace(/[\uD800-\uDBFF]$/, '');
