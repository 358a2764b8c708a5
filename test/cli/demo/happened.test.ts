import { happenedIn } from '../../../src/cli/demo/happened';

describe('what happened in a run', () => {
  it('is counted by its reasons, the most frequent first', () => {
    const tally = {
      rejections: new Map([
        ['r1', 'ShortStock'],
        ['r2', 'PaymentDeclined'],
        ['r3', 'PaymentDeclined'],
      ]),
      splitOrders: new Set(['A-1', 'A-2']),
      deadLetters: new Map([['d1', 'NotJson']]),
      refusedNews: new Map([['n1', 'OrderUnknown']]),
      notices: new Map<string, string>(),
    };
    const happened = happenedIn(tally, { decided: { approved: 3, rejected: 1 } });
    expect(happened).toEqual({
      decided: { approved: 3, rejected: 1 },
      rejectedFor: { PaymentDeclined: 2, ShortStock: 1 },
      split: 2,
      deadLetteredFor: { NotJson: 1 },
      newsRefusedFor: { OrderUnknown: 1 },
      notices: {},
    });
    expect(Object.keys(happened.rejectedFor)).toEqual(['PaymentDeclined', 'ShortStock']);
  });
});
