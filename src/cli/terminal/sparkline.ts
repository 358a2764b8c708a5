/** A row of figures as a row of bars. */

const bars = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'] as const;

/**
 * One character per figure, from the lowest bar (zero, or the least of them where it is negative) to the
 * highest. A figure that is not known is what `unknown` gives for its place.
 */
export function sparkline(
  values: readonly (number | null)[],
  unknown: (place: number) => string,
): string {
  const known = values.filter(value => value !== null);
  const least = Math.min(0, ...known);
  const range = Math.max(0, ...known) - least;
  return values
    .map((value, place) => (value === null ? unknown(place) : bars[levelOf(value - least, range)]))
    .join('');
}

const levelOf = (height: number, range: number): number =>
  range === 0 ? 0 : Math.round((height / range) * (bars.length - 1));
