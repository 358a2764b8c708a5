import { codes } from 'currency-codes';
import fc from 'fast-check';
import { currencyOf } from '../../src/domain/currencies';
import {
  formatMoney,
  largestPrice,
  lineTotal,
  orderTotal,
  parsePrice,
} from '../../src/domain/money';
import { minorUnits } from '../../src/messages/fields';

const eur = currencyOf('EUR');
const jpy = currencyOf('JPY');
const kwd = currencyOf('KWD');
const anyCurrency = fc.constantFrom(...codes()).map(currencyOf);

describe('a price', () => {
  it.each([
    ['5.00', eur, 500],
    ['5', eur, 500],
    ['5.1', eur, 510],
    ['0.07', eur, 7],
    ['0', eur, 0],
    ['007.00', eur, 700],
    ['1.15', eur, 115],
    ['500', jpy, 500],
    ['1.234', kwd, 1234],
    ['10000000.00', eur, largestPrice],
  ])('%s in %j is read exactly', (text, currency, expected) => {
    expect(parsePrice(text, currency)).toBe(expected);
  });

  it.each([
    ['5.005', eur, 'EUR has 2 decimal places'],
    ['5.0', jpy, 'JPY has 0 decimal places'],
    ['10000000.01', eur, 'at most 10000000.00 EUR is possible'],
    ['9'.repeat(400), eur, 'at most 10000000.00 EUR is possible'],
  ])('%s in %j is refused with the reason', (text, currency, detail) => {
    expect(() => parsePrice(text, currency)).toThrow(
      expect.objectContaining({
        code: 'PriceInvalid',
        usage: true,
        parameters: { text: text.slice(0, 40), currency: currency.code, detail },
      }),
    );
  });

  it.each(['', ' 5', '5.', '.5', '-5', '+5', '5,00', '1,000.00', '5e2', '0x5', '5\n', '٥', 'five'])(
    'is not written %j',
    text => {
      expect(() => parsePrice(text, eur)).toThrow(
        expect.objectContaining({ code: 'PriceInvalid' }),
      );
    },
  );

  it('is read back from what people are shown', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: largestPrice }), anyCurrency, (price, currency) => {
        const [figures = '', code] = formatMoney(price, currency).split(' ');
        expect(code).toBe(currency.code);
        expect(parsePrice(figures, currency)).toBe(price);
      }),
    );
  });

  it('has the same limit as a unit price on the wire', () => {
    expect(minorUnits.safeParse(largestPrice).success).toBe(true);
    expect(minorUnits.safeParse(largestPrice + 1).success).toBe(false);
  });
});

describe('an amount', () => {
  it.each([
    [0, eur, '0.00 EUR'],
    [7, eur, '0.07 EUR'],
    [123456, eur, '1234.56 EUR'],
    [-5, eur, '-0.05 EUR'],
    [500, jpy, '500 JPY'],
    [7, kwd, '0.007 KWD'],
  ])('of %d in %j is shown as a person writes it', (amount, currency, expected) => {
    expect(formatMoney(amount, currency)).toBe(expected);
  });
});

describe('a currency', () => {
  it.each(['ABC', 'eur', '', 'constructor'])('%p does not exist', code => {
    expect(() => currencyOf(code)).toThrow(expect.objectContaining({ code: 'CurrencyUnknown' }));
  });
});

describe('a total', () => {
  const figure = fc.oneof(
    fc.integer({ min: 0, max: largestPrice }),
    fc.maxSafeNat(),
    fc.constantFrom(Number.MAX_SAFE_INTEGER, 2 ** 26, 2 ** 27),
  );
  const line = fc.record({ quantity: figure, unitPrice: figure });

  it('is the exact sum of its lines, or undefined where a number can not hold it', () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), lines => {
        const exact = lines.reduce(
          (sum, { quantity, unitPrice }) => sum + BigInt(quantity) * BigInt(unitPrice),
          0n,
        );
        const expected = exact <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(exact) : undefined;
        expect(orderTotal(lines)).toBe(expected);
      }),
      { numRuns: 1000 },
    );
  });

  it('of one line is quantity times price', () => {
    expect(lineTotal({ quantity: 3, unitPrice: 250 })).toBe(750);
    expect(lineTotal({ quantity: 2, unitPrice: 2 ** 52 })).toBeUndefined();
  });

  it('of no lines is nothing', () => {
    expect(orderTotal([])).toBe(0);
  });

  it('reaches the largest exact integer and not one further', () => {
    const largest = { quantity: 1, unitPrice: Number.MAX_SAFE_INTEGER };
    expect(orderTotal([largest])).toBe(Number.MAX_SAFE_INTEGER);
    expect(orderTotal([largest, { quantity: 1, unitPrice: 1 }])).toBeUndefined();
  });
});
