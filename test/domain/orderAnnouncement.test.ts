import type { Decision } from '../../src/domain/decision';
import { decisionAnnouncement } from '../../src/domain/orderAnnouncement';
import { messages } from '../../src/messages';
import { orderInput } from '../support/orders';

const at = '2026-01-31T09:30:02.000Z';
const decisions: Decision[] = [
  { outcome: 'confirmed', unitPrices: [500, 900], total: 1900 },
  {
    outcome: 'rejected',
    refusals: [
      { line: 0, productCode: 'TEA-100', reason: 'UnknownProduct' },
      { line: 1, productCode: 'CUP-7', reason: 'ShortStock' },
    ],
  },
  { outcome: 'cancelled', request: { by: 'customer', reason: 'changed my mind' } },
];

describe('The announcement of a decided order', () => {
  it.each(decisions)('of $outcome holds messages that their own schemas take', decision => {
    for (const message of decisionAnnouncement(orderInput('A-1'), decision, at).messages) {
      const { schema } = messages.find(({ type }) => type === message.type)!;
      expect(schema.safeParse(JSON.parse(JSON.stringify(message.data)))).toMatchObject({
        success: true,
      });
      expect(message.key).toBe('A-1');
    }
  });

  it.each(decisions)('of $outcome is the same, ids included, each time it is built', decision => {
    const build = () => decisionAnnouncement(orderInput('A-1'), decision, at);
    expect(build()).toEqual(build());
    expect(new Set(build().messages.map(({ id }) => id)).size).toBe(2);
  });

  it.each(decisions)('of $outcome has no personal data among its facts', decision => {
    const { milestone } = decisionAnnouncement(orderInput('A-1'), decision, at);
    expect(JSON.stringify(milestone)).not.toMatch(/Ada|Lovelace|ada@|Analytical|90210/);
  });

  it('gives the warehouse no e-mail address', () => {
    const [event] = decisionAnnouncement(orderInput('A-1'), decisions[0]!, at).messages;
    expect(JSON.stringify(event)).not.toContain('@');
  });

  it('counts unknown products and nothing else as unknown', () => {
    const facts = decisions.map(
      d => decisionAnnouncement(orderInput('A-1'), d, at).milestone!.facts,
    );
    expect(facts.map(({ unknownProducts }) => unknownProducts)).toEqual([0, 1, 0]);
  });

  it('marks a test order as synthetic', () => {
    const input = orderInput('A-1', { synthetic: true });
    expect(decisionAnnouncement(input, decisions[0]!, at).milestone!.facts.synthetic).toBe(true);
  });
});
