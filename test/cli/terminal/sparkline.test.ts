import fc from 'fast-check';
import { sparkline } from '../../../src/cli/terminal/sparkline';

const noMark = () => '?';

describe('a sparkline', () => {
  it('goes from zero to the greatest figure', () => {
    expect(sparkline([0, 1, 2, 3, 4, 5, 6, 7], noMark)).toBe('▁▂▃▄▅▆▇█');
    expect(sparkline([7, 7], noMark)).toBe('██');
  });

  it('is low where all is zero, and has room below for negative figures', () => {
    expect(sparkline([0, 0], noMark)).toBe('▁▁');
    expect(sparkline([-7, 0], noMark)).toBe('▁█');
  });

  it('marks what is not known in its place, and draws it as no bar', () => {
    expect(sparkline([null, 4, null], place => String(place))).toBe('0█2');
    expect(sparkline([], noMark)).toBe('');
  });

  it('has one character per figure, and a higher one for none that is less', () => {
    const figures = fc.array(fc.option(fc.double({ noNaN: true, min: -1e9, max: 1e9 })));
    fc.assert(
      fc.property(figures, values => {
        const drawn = [...sparkline(values, noMark)];
        expect(drawn).toHaveLength(values.length);
        const known = values
          .map((value, place) => ({ value, bar: drawn[place]! }))
          .filter(({ value }) => value !== null)
          .sort((a, b) => a.value! - b.value!);
        const bars = known.map(({ bar }) => bar);
        expect(bars).toEqual([...bars].sort());
      }),
    );
  });
});
