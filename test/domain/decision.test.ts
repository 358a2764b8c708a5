import { cancellationFault, decide } from '../../src/domain/decision';
import type { Reservation } from '../../src/domain/reservation';

const reserved: Reservation = { status: 'reserved', unitPrices: [500], total: 1000 };
const short: Reservation = {
  status: 'short',
  refusals: [{ line: 0, productCode: 'TEA-100', reason: 'ShortStock' }],
};

describe('Deciding an order', () => {
  it('confirms what is reserved, at its prices', () => {
    expect(decide(reserved)).toEqual({
      outcome: 'confirmed',
      unitPrices: [500],
      total: 1000,
    });
  });

  it('rejects what is short, with the reasons', () => {
    expect(decide(short)).toEqual({
      outcome: 'rejected',
      refusals: short.refusals,
    });
  });

  it.each(['released', 'shipped'] as const)(
    'never confirms an order whose reservation is already %s',
    status => {
      expect(decide({ status })).toMatchObject({
        outcome: 'cancelled',
        request: { by: 'orderly' },
      });
    },
  );
});

describe('A request to cancel', () => {
  it('says who asks, and may say why', () => {
    expect(cancellationFault({ by: 'customer' })).toBeUndefined();
    expect(cancellationFault({ by: 'customer', reason: 'too late' })).toBeUndefined();
  });

  it.each([
    ['nothing', undefined],
    ['no object', 'customer'],
    ['nobody', {}],
    ['an empty name', { by: ' ' }],
    ['a long name', { by: 'x'.repeat(101) }],
    ['a long reason', { by: 'customer', reason: 'x'.repeat(201) }],
    ['a control character', { by: 'customer', reason: 'a\u0000b' }],
    ['half a surrogate pair', { by: 'customer', reason: '\ud800' }],
    ['a number', { by: 7 }],
  ])('is wrong with %s', (_what, request) => {
    expect(cancellationFault(request)).toEqual(expect.any(String));
  });
});
