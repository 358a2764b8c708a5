/** How the partners behave during the demonstration: a little trouble always, and much of it for a while. */
import type { Config } from '../../config';
import { ask, type PartnerName, partnerNames } from '../partners/ask';
import { behaviour } from '../partners/behaviours';

type Troubles = Readonly<Record<string, number>>;

const everyday: Readonly<Record<PartnerName, Troubles>> = {
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

/** The first of the payment providers is down while these submissions go out, of so many. */
const outage = { from: 30, to: 90, every: 400 };

export const isOutage = (submission: number): boolean => {
  const place = submission % outage.every;
  return place >= outage.from && place < outage.to;
};

/** What is not named is well. */
const tell = (config: Config, name: PartnerName, troubles: Troubles): Promise<unknown> =>
  ask(config, name, '/behaviour', behaviour, troubles);

/** @throws OrderlyError PartnerSilent */
export async function beAsEveryDay(config: Config): Promise<void> {
  await Promise.all(partnerNames.map(name => tell(config, name, everyday[name])));
}

/** @throws OrderlyError PartnerSilent */
export async function behaveWell(config: Config): Promise<void> {
  await Promise.all(partnerNames.map(name => tell(config, name, {})));
}

/** Takes the first payment provider down and brings it up again; how else it behaves stays as it is. */
export class Outages {
  private isDown = false;

  constructor(private readonly config: Config) {}

  /** To be called before each submission, counted from 0. @throws OrderlyError PartnerSilent */
  async at(submission: number): Promise<void> {
    await this.set(isOutage(submission));
  }

  /** @throws OrderlyError PartnerSilent */
  async end(): Promise<void> {
    await this.set(false);
  }

  private async set(isDown: boolean): Promise<void> {
    if (isDown === this.isDown) return;
    this.isDown = isDown;
    const now = await ask(this.config, 'payment-a', '/behaviour', behaviour);
    await tell(this.config, 'payment-a', { ...now, fail: isDown ? 1 : 0 });
  }
}
