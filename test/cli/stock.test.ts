import { createEmptyDatabase, type TestDatabase } from '../support/database';
import { runMain } from './runMain';

let database: TestDatabase;
beforeAll(async () => {
  database = await createEmptyDatabase();
});
afterAll(() => database?.drop());

const stock = (...args: string[]) => runMain(['stock', ...args], { DATABASE_URL: database.url });

async function listed(productCode: string) {
  const { stdout } = await stock('list', '--json');
  const products = JSON.parse(stdout) as { productCode: string }[];
  return products.find(product => product.productCode === productCode);
}

describe('orderly stock', () => {
  it('works on a database without tables', async () => {
    expect(await stock('list', '--json')).toEqual({ exitCode: 0, stdout: '[]\n', stderr: '' });
  });

  it('creates a product where it is new, with its price in minor units', async () => {
    const ran = await stock(
      'set',
      'NEW-1',
      '250',
      '--price',
      '5.00',
      '--currency',
      'EUR',
      '--json',
    );
    const product = {
      productCode: 'NEW-1',
      price: 500,
      currency: 'EUR',
      onHand: 250,
      reserved: 0,
      backOrdered: 0,
      locations: [{ location: 'main', onHand: 250, reserved: 0 }],
    };
    expect(ran.exitCode).toBe(0);
    expect(JSON.parse(ran.stdout)).toEqual(product);
    expect(await listed('NEW-1')).toEqual(product);
  });

  it('sets and adds pieces of a product that is known', async () => {
    await stock('set', 'KNOWN-1', '10', '--price', '500', '--currency', 'JPY');
    expect((await stock('set', 'KNOWN-1', '4')).exitCode).toBe(0);
    expect((await stock('add', 'KNOWN-1', '3')).exitCode).toBe(0);
    expect(await listed('KNOWN-1')).toMatchObject({ onHand: 7, price: 500, currency: 'JPY' });
  });

  it('shows a table with prices as people write them', async () => {
    await stock('set', 'TABLE-1', '9', '--price', '5.1', '--currency', 'EUR');
    await stock('add', 'TABLE-1', '3', '--location', 'north');
    const { stdout } = await stock('list');
    expect(stdout).toMatch(/^product +price +on hand +reserved +waiting +free +locations *$/m);
    expect(stdout).toMatch(/^TABLE-1 +5\.10 EUR +12 +0 +0 +12 +main 9, north 3 *$/m);
  });

  it('refuses to set or add to a product that is not known, and says how to create it', async () => {
    for (const command of ['set', 'add']) {
      const { exitCode, stdout, stderr } = await stock(command, 'NOBODY', '1');
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: '' });
      expect(stderr).toBe(
        'There is no product NOBODY. Create it with: orderly stock set NOBODY <quantity> --price <price> --currency <code>.\n',
      );
    }
  });

  it('names both bounds of a quantity that it refuses', async () => {
    for (const [command, bounds] of [
      ['set', 'from 0 to 9007199254740991'],
      ['add', 'from 1 to 9007199254740991'],
      ['replenish', 'from 1 to 1000000'],
    ] as const) {
      const { exitCode, stderr } = await stock(command, 'TEA-100', '1.5');
      expect(exitCode).toBe(2);
      expect(stderr).toContain(`It must be a whole number ${bounds}`);
    }
  });

  it('repeats no more than the beginning of a long argument that it refuses', async () => {
    const { exitCode, stderr } = await stock('set', 'no product '.repeat(100), '1');
    expect(exitCode).toBe(2);
    expect(stderr).toContain("no …' is invalid");
    expect(stderr.length).toBeLessThan(300);
  });

  it('refuses more pieces than can be counted', async () => {
    await stock('set', 'MANY-1', '1', '--price', '1', '--currency', 'EUR');
    const { exitCode, stderr } = await stock('add', 'MANY-1', String(Number.MAX_SAFE_INTEGER));
    expect(exitCode).toBe(2);
    expect(stderr).toContain('Product MANY-1 can not hold that much');
  });
});
