import { table } from '../../../src/cli/terminal/output';

describe('a table', () => {
  it('makes each column as wide as its widest cell, and numbers flush right', () => {
    const rows = [
      ['product', 'on hand'],
      ['TEA-100', '5'],
      ['A', '12000000'],
    ];
    expect(table(rows, new Set([1]))).toBe(
      ['product   on hand', 'TEA-100         5', 'A        12000000'].join('\n'),
    );
  });

  it('leaves no blanks at the ends of lines', () => {
    expect(
      table([
        ['a', 'long'],
        ['b', 'x'],
      ]),
    ).toBe('a  long\nb  x');
  });
});
