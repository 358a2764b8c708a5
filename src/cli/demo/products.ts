/** What the demonstration sells, and where it lies. All in euros; prices in cents. */
import type { ProductSeed } from '../../postgres/stock';

const plenty = 100_000_000;

export const demoCurrency = 'EUR';

const product = (productCode: string, price: number, location = 'main', onHand = plenty) => ({
  productCode,
  price,
  currency: demoCurrency,
  location,
  onHand,
});

/** Teas and coffees lie at one place, what breaks at a second, what is heavy at a third. */
export const demoProducts: readonly ProductSeed[] = [
  product('TEA-ASSAM-100', 590),
  product('TEA-SENCHA-100', 840),
  product('TEA-EARL-GREY-250', 1_150),
  product('TEA-ROOIBOS-500', 1_390),
  product('TEA-CHAI-200', 920),
  product('COFFEE-ARABICA-500', 1_290),
  product('COFFEE-ESPRESSO-1000', 2_450),
  product('COFFEE-DECAF-250', 790),
  product('CUP-STONEWARE-2', 1_250, 'north'),
  product('CUP-GLASS-2', 1_680, 'north'),
  product('POT-CAST-IRON', 5_900, 'south'),
  product('POT-PORCELAIN', 3_450, 'north'),
  product('KETTLE-1L', 4_999, 'south'),
  product('KETTLE-GOOSENECK', 7_950, 'south'),
  product('GRINDER-HAND', 3_990),
  product('FILTER-PAPER-100', 349),
  product('SIEVE-STEEL', 699),
  product('TIMER-SAND-3MIN', 899),
  product('TIN-500', 560),
  product('GIFT-BOX-L', 2_999),
];

/** One from each of the places. */
export const productsFarApart = ['TEA-ASSAM-100', 'POT-PORCELAIN', 'KETTLE-1L'] as const;

/** There are few of it, so it runs out while the demonstration runs. */
export const scarceProduct = product('FIRST-FLUSH-LIMITED', 14_900, 'main', 25);

/** There is one of it, and it is asked for by the thousand. */
export const soldOutProduct = product('MUSEUM-TEA-BOWL', 890_000, 'main', 1);

/** A single one is above the limit up to which nobody is asked. */
export const dearProduct = product('SAMOVAR-SILVER', 1_200_000, 'south');

/** Comes in only when somebody waits for it, and always so many pieces. */
export const replenishedProduct = product('TEA-SPRING-HARVEST', 2_400, 'north', 0);
export const replenishedPieces = 10;

/** People wait for it, and it never comes in. */
export const discontinuedProduct = product('CUP-HANDMADE', 4_500, 'north', 0);

/** Nobody has ever created it. */
export const unknownProductCode = 'NOT-IN-THE-CATALOGUE';

export const seededProducts = [
  ...demoProducts,
  scarceProduct,
  soldOutProduct,
  dearProduct,
  replenishedProduct,
  discontinuedProduct,
];
