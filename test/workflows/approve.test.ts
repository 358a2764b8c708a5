/** Orders that need a person, on the server whose time skips. */
import type { AuthorizationAnswer } from '../../src/domain/payment';
import type { OrderPlan } from '../../src/domain/plan';
import { decideUpdate, statusQuery } from '../../src/workflows/orderInterface';
import { waitFor } from '../support/waitFor';
import { onSkippingTime, statusesOf, untilAwaited } from './drive';
import { approval, openShop, plan, refusedForGood, silence, withoutNotices } from './shop';

jest.setTimeout(120_000);

const { live } = onSkippingTime();

describe('An order that needs a person', () => {
  const withApproval: OrderPlan = { approval };

  it('waits for a decision, and keeps who decided', async () => {
    const shop = openShop();
    await live(shop, { plan: withApproval }, async handle => {
      await untilAwaited(handle);
      expect((await handle.query(statusQuery)).total).toBe(1_900);
      const decision = { decision: 'approve', by: 'ada', reason: 'known customer' } as const;
      await handle.executeUpdate(decideUpdate, { args: [decision] });
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'confirmed' });
      expect((await handle.query(statusQuery)).approval).toMatchObject(decision);
      expect(await statusesOf(handle)).toEqual([
        'received',
        'reserved',
        'awaiting-approval',
        'approved',
        'confirmed',
      ]);
      expect(shop.told).toEqual(['notice approval-needed', 'OrderConfirmed']);
    });
  });

  it('is rejected where the person says no, and its stock is given back', async () => {
    const shop = openShop();
    await live(shop, { plan: withApproval }, async handle => {
      await untilAwaited(handle);
      await handle.executeUpdate(decideUpdate, { args: [{ decision: 'reject', by: 'ada' }] });
      await expect(handle.result()).resolves.toMatchObject({ cause: 'ApprovalRefused' });
      expect(shop.calls).toEqual(['reserve', 'release']);
    });
  });

  it('is reminded of, and then becomes what the plan says', async () => {
    const shop = openShop();
    await live(shop, { plan: withApproval }, async handle => {
      await expect(handle.result()).resolves.toMatchObject({
        outcome: 'rejected',
        cause: 'ApprovalExpired',
      });
      expect(shop.told).toEqual([
        'notice approval-needed',
        'notice approval-reminder',
        'OrderRejected',
      ]);
    });
    const onExpiry: OrderPlan = { approval: { ...approval, onExpiry: 'approve' } };
    await live(openShop(), { plan: onExpiry }, async handle => {
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'confirmed' });
      expect((await handle.query(statusQuery)).approval).toMatchObject({ by: 'orderly' });
    });
  });

  it.each([
    ['does not go out', silence],
    ['is refused for good', refusedForGood],
  ])('waits no longer than it is to, though the notice of it %s', async (_, failure) => {
    const shop = openShop(it => withoutNotices(it, failure));
    const soon = { ...approval, remindSeconds: 60, deadlineSeconds: 120 };
    await live(shop, { plan: { approval: soon } }, async handle => {
      await expect(handle.result()).resolves.toMatchObject({ cause: 'ApprovalExpired' });
      expect(shop.told).toEqual(['OrderRejected']);
    });
  });

  it('is decided for good when nobody answers in time, though its money is not held yet', async () => {
    let answer: (given: AuthorizationAnswer) => void = () => undefined;
    const shop = openShop(({ calls }) => ({
      authorizePayment: () => {
        calls.push('authorize');
        return new Promise<AuthorizationAnswer>(resolve => {
          answer = resolve;
        });
      },
    }));
    const late = {
      ...approval,
      remindSeconds: 1,
      deadlineSeconds: 1,
      onExpiry: 'approve',
    } as const;
    await live(shop, { plan: { ...plan, approval: late } }, async handle => {
      await waitFor(() => shop.calls.includes('authorize'));
      const decision = { decision: 'reject', by: 'ada' } as const;
      await expect(handle.executeUpdate(decideUpdate, { args: [decision] })).rejects.toMatchObject({
        cause: { type: 'ApprovalNotAwaited' },
      });
      answer({ status: 'declined', reason: 'no' });
      await expect(handle.result()).resolves.toMatchObject({ cause: 'PaymentDeclined' });
    });
  });

  it('is none where it is small, and is one where a line is of too many pieces', async () => {
    const limits = { EUR: 1_900 };
    await live(openShop(), { plan: { approval: { ...approval, limits } } }, async handle => {
      await expect(handle.result()).resolves.toMatchObject({ outcome: 'confirmed' });
    });
    const plan = { approval: { ...approval, limits: {}, quantity: 1 } };
    await live(openShop(), { plan }, async handle => {
      await untilAwaited(handle);
      await handle.executeUpdate(decideUpdate, { args: [{ decision: 'reject', by: 'ada' }] });
      await handle.result();
    });
  });

  it('is decided once, by a decision that says who; refused by name otherwise', async () => {
    await live(openShop(), { plan: withApproval }, async handle => {
      await untilAwaited(handle);
      const decide = (decision: unknown) =>
        handle.executeUpdate(decideUpdate, { args: [decision as never] });
      await expect(decide({ decision: 'maybe', by: 'ada' })).rejects.toMatchObject({
        cause: { type: 'ApprovalInvalid' },
      });
      await expect(decide({ decision: 'approve' })).rejects.toMatchObject({
        cause: { type: 'ApprovalInvalid' },
      });
      await decide({ decision: 'approve', by: 'ada' });
      await expect(decide({ decision: 'reject', by: 'bob' })).rejects.toMatchObject({
        cause: { type: 'ApprovalNotAwaited' },
      });
      await handle.result();
    });
  });
});
