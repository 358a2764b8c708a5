import { orderUrl, rejectedOrdersUrl } from '../../src/cli/temporalUi';

const config = { TEMPORAL_UI_URL: 'http://ui', TEMPORAL_NAMESPACE: 'shop' };

describe('addresses in the Temporal UI', () => {
  it('lead to the workflow of an order', () => {
    expect(orderUrl(config, 'A-1')).toBe('http://ui/namespaces/shop/workflows/order-A-1');
  });

  it('lead to the rejected orders, found by their search attribute', () => {
    expect(rejectedOrdersUrl(config)).toBe(
      'http://ui/namespaces/shop/workflows?query=OrderStatus%3D%22rejected%22',
    );
  });
});
