/**
 * The partners of a world: the role `partners` as a process of its own, steered and looked at by bare
 * HTTP. Their books are on the disk, and survive whatever becomes of the process.
 */
import { freePort } from '../../../src/stack/ports';
import { testFolder } from '../../support/testFolder';
import { removeMembers } from './consumerGroup';
import type { Ending, RoleProcess } from './roleProcess';
import type { World } from './world';

/** In the order of PARTNERS_PORTS. */
const names = ['payment-a', 'payment-b', 'carrier', 'warehouse'] as const;

export type PartnerName = (typeof names)[number];

/** In the order in which they are asked for money. */
export const providers = ['payment-a', 'payment-b'] as const satisfies readonly PartnerName[];

/** Orders of more than this many minor units wait for a person. */
export const approvalLimit = 10_000;

export class Partners {
  private process: RoleProcess | undefined;

  /** Starts them; they behave well. */
  static async open(world: World): Promise<Partners> {
    const ports = new Map<PartnerName, number>();
    for (const name of names) ports.set(name, await freePort());
    const partners = new Partners(world, ports);
    await partners.start();
    return partners;
  }

  /** What intake and order worker must know, so that an order lives its whole life with these partners. */
  readonly settings: Readonly<Record<string, string>>;
  private readonly own: Readonly<Record<string, string>>;

  private constructor(
    private readonly world: World,
    private readonly ports: ReadonlyMap<PartnerName, number>,
  ) {
    this.settings = {
      PAYMENT_PROVIDERS: providers.map(name => `${name}=${this.url(name)}`).join(','),
      CARRIER_URL: this.url('carrier'),
      APPROVAL_LIMITS: `EUR=${approvalLimit}`,
      BACK_ORDERS: 'true',
    };
    this.own = {
      PARTNERS_PORTS: [...ports.values()].join(','),
      PARTNERS_DATA_DIR: testFolder(),
    };
  }

  async start(): Promise<void> {
    this.process = await this.world.start('partners', this.own);
  }

  /** kill -9 */
  async kill(): Promise<Ending> {
    const ending = await this.process!.end('SIGKILL');
    await removeMembers(this.world, 'warehouse');
    return ending;
  }

  /** They close and open again: what waits at the warehouse and the carrier waits no longer. */
  async reopen(): Promise<void> {
    await this.process!.end('SIGTERM');
    await this.start();
  }

  /** How a partner is to behave from now on; what is not named is well. */
  async tell(name: PartnerName, behaviour: Readonly<Record<string, number>>): Promise<void> {
    const response = await fetch(`${this.url(name)}/behaviour`, {
      method: 'PUT',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(behaviour),
    });
    if (!response.ok) throw new Error(`${name} does not take that: ${await response.text()}`);
  }

  tellProviders(behaviour: Readonly<Record<string, number>>): Promise<unknown> {
    return Promise.all(providers.map(name => this.tell(name, behaviour)));
  }

  beWell(): Promise<unknown> {
    return Promise.all(names.map(name => this.tell(name, {})));
  }

  /** What a partner answers; undefined where it does not know of it. */
  async ask<Answer>(name: PartnerName, path: string): Promise<Answer | undefined> {
    const response = await fetch(`${this.url(name)}${path}`);
    if (response.status === 404) return undefined;
    if (!response.ok) throw new Error(`${name}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Answer;
  }

  private url(name: PartnerName): string {
    return `http://127.0.0.1:${this.ports.get(name)}`;
  }
}
