/** How the partners behave during the demonstration: a little trouble always, and much of it for a while. */
import type { Config } from '../../config';
import { ask, type PartnerName, partnerNames } from '../partners/ask';
import { type Behaviour, behaviour } from '../partners/behaviours';
import { type Books, readBooks } from '../partners/books';
import { pause } from '../terminal/interrupt';
import { type Money, moneySince } from './books';
import { demoCurrency } from './products';

const everyday: Readonly<Record<PartnerName, Behaviour>> = {
  'payment-a': { latencyMs: 20, decline: 0.05, loseAnswer: 0.03 },
  'payment-b': { latencyMs: 40, decline: 0.05, loseAnswer: 0.03 },
  carrier: {
    latencyMs: 20,
    delayMs: 300,
    refuse: 0.02,
    loseAnswer: 0.03,
    duplicate: 0.1,
    lie: 0.1,
  },
  warehouse: { latencyMs: 2_500, fail: 0.05, duplicate: 0.1, lie: 0.1 },
};

/** What payment providers do while these submissions go out, of so many. */
interface Trouble {
  readonly from: number;
  readonly to: number;
  readonly providers: readonly PartnerName[];
  readonly field: 'decline' | 'fail';
  /** Where it is seen that it has met an order: it lasts until then. */
  readonly seenIn: 'declined' | 'failovers';
}

const every = 400;
const troubles: readonly Trouble[] = [
  {
    from: 10,
    to: 13,
    providers: ['payment-a', 'payment-b'],
    field: 'decline',
    seenIn: 'declined',
  },
  {
    from: 30,
    to: 90,
    providers: ['payment-a'],
    field: 'fail',
    seenIn: 'failovers',
  },
];

export const troubleAt = (submission: number): Trouble | undefined => {
  const place = submission % every;
  return troubles.find(({ from, to }) => place >= from && place < to);
};

/** What is not named is well. */
const tell = (config: Config, name: PartnerName, its: Behaviour): Promise<unknown> =>
  ask(config, name, '/behaviour', behaviour, its);

/** @throws OrderlyError PartnerSilent */
export async function beAsEveryDay(config: Config): Promise<void> {
  await Promise.all(partnerNames.map(name => tell(config, name, everyday[name])));
}

/** @throws OrderlyError PartnerSilent */
export async function behaveWell(config: Config): Promise<void> {
  await Promise.all(partnerNames.map(name => tell(config, name, {})));
}

/** An order in the stream may take so long to its payment; with none of that kind, a trouble meets nobody. */
const patienceMs = 10_000;
const pollMs = 100;

/** Gives the payment providers their troubles and takes them away; how else they behave stays as it is. */
export class PaymentTroubles {
  private current:
    | { readonly trouble: Trouble; readonly books: Books; readonly usual: readonly Behaviour[] }
    | undefined;

  constructor(
    private readonly config: Config,
    private readonly signal: AbortSignal,
  ) {}

  /** To be called before each submission, counted from 0. @throws OrderlyError PartnerSilent */
  async at(submission: number): Promise<void> {
    const trouble = troubleAt(submission);
    if (trouble === this.current?.trouble) return;
    await this.end();
    if (trouble !== undefined) await this.begin(trouble);
  }

  /** Ends what is under way once it has met an order. @throws OrderlyError PartnerSilent */
  async end(): Promise<void> {
    if (this.current === undefined) return;
    const { trouble, books, usual } = this.current;
    await this.untilMet(trouble.seenIn, books);
    this.current = undefined;
    await this.set(
      trouble,
      usual.map(its => its[trouble.field] ?? 0),
    );
  }

  private async begin(trouble: Trouble): Promise<void> {
    const usual = await Promise.all(
      trouble.providers.map(name => ask(this.config, name, '/behaviour', behaviour)),
    );
    this.current = { trouble, usual, books: await readBooks(this.config) };
    await this.set(
      trouble,
      usual.map(() => 1),
    );
  }

  private async set({ providers, field }: Trouble, values: readonly number[]): Promise<void> {
    for (const [index, name] of providers.entries()) {
      const now = await ask(this.config, name, '/behaviour', behaviour);
      await tell(this.config, name, { ...now, [field]: values[index]! });
    }
  }

  private async untilMet(seenIn: keyof Money, before: Books): Promise<void> {
    const limit = Date.now() + patienceMs;
    while (Date.now() < limit && !this.signal.aborted) {
      if (moneySince(before, await readBooks(this.config), demoCurrency)[seenIn] > 0) return;
      await pause(pollMs, this.signal);
    }
  }
}
