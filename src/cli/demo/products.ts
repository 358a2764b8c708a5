/** What the demonstration sells. All in euros; prices in cents. */
import type { ProductSeed } from '../../postgres/stock';

const plenty = 100_000_000;

const product = (productCode: string, price: number, onHand = plenty) => ({
  productCode,
  price,
  currency: 'EUR',
  onHand,
});

export const demoProducts: readonly ProductSeed[] = [
  product('TEA-ASSAM-100', 590),
  product('TEA-SENCHA-100', 840),
  product('TEA-EARL-GREY-250', 1_150),
  product('TEA-ROOIBOS-500', 1_390),
  product('TEA-CHAI-200', 920),
  product('COFFEE-ARABICA-500', 1_290),
  product('COFFEE-ESPRESSO-1000', 2_450),
  product('COFFEE-DECAF-250', 790),
  product('CUP-STONEWARE-2', 1_250),
  product('CUP-GLASS-2', 1_680),
  product('POT-CAST-IRON', 5_900),
  product('POT-PORCELAIN', 3_450),
  product('KETTLE-1L', 4_999),
  product('KETTLE-GOOSENECK', 7_950),
  product('GRINDER-HAND', 3_990),
  product('FILTER-PAPER-100', 349),
  product('SIEVE-STEEL', 699),
  product('TIMER-SAND-3MIN', 899),
  product('TIN-500', 560),
  product('GIFT-BOX-L', 2_999),
];

/** There are few of it, so it runs out while the demonstration runs. */
export const scarceProduct = product('FIRST-FLUSH-LIMITED', 14_900, 25);

/** There is one of it, and it is asked for by the thousand. */
export const soldOutProduct = product('MUSEUM-TEA-BOWL', 890_000, 1);

/** Nobody has ever created it. */
export const unknownProductCode = 'NOT-IN-THE-CATALOGUE';

export const seededProducts = [...demoProducts, scarceProduct, soldOutProduct];
