/** How a partner behaves: what goes wrong there, how often, and for whom. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { take } from './refusal';

const share = z.number().min(0).max(1).default(0);

const milliseconds = z.int().min(0).max(3_600_000).default(0);

const common = {
  fail: share.describe('Share of the calls, or of the attempts to pick, that fail.'),
  latencyMs: milliseconds.describe('How long an answer takes, or the picking of a parcel.'),
};

const loseAnswer = share.describe('Share of the calls that are done, and their answer is lost.');
const duplicate = share.describe('Share of the messages that are sent twice.');
const lie = share.describe('Share of the messages that are followed by one that is not true.');

export const paymentBehaviour = z.strictObject({
  ...common,
  loseAnswer,
  decline: share.describe('Share of the orders that the bank declines.'),
});

export const carrierBehaviour = z.strictObject({
  ...common,
  loseAnswer,
  refuse: share.describe('Share of the orders whose address is refused.'),
  delayMs: milliseconds.describe('How long a parcel waits for the van once it is booked.'),
  duplicate,
  lie,
});

export const warehouseBehaviour = z.strictObject({ ...common, duplicate, lie });

export type PaymentBehaviour = z.output<typeof paymentBehaviour>;
export type CarrierBehaviour = z.output<typeof carrierBehaviour>;
export type WarehouseBehaviour = z.output<typeof warehouseBehaviour>;

/** What every partner has. */
export type Behaviour = z.output<z.ZodObject<typeof common>>;

/** What a partner has that sends messages. */
export type TellingBehaviour = Behaviour & { readonly duplicate: number; readonly lie: number };

/** The names of the shares in a behaviour. */
type Trouble<B extends Behaviour> = Exclude<keyof B, 'latencyMs' | 'delayMs'> & string;

/**
 * The behaviour of one partner, which can change at any time. Who is hit follows from names alone, so the
 * same calls meet the same troubles in every run, and raising a share only adds to those who are hit.
 */
export class Steering<B extends Behaviour> {
  private current: B;

  /** A partner behaves well until it is told otherwise. */
  constructor(
    private readonly name: string,
    private readonly schema: z.ZodType<B>,
  ) {
    this.current = schema.parse({});
  }

  get behaviour(): B {
    return this.current;
  }

  /** Takes a whole behaviour; what it does not name is well again. @throws Refusal Invalid */
  set(wanted: unknown): B {
    this.current = take(this.schema, wanted);
    return this.current;
  }

  /** Whether this trouble hits this subject: a key, an order or a parcel, at its n-th attempt. */
  hits(trouble: Trouble<B>, subject: string, attempt = 1): boolean {
    return draw(this.name, trouble, subject, attempt) < Number(this.current[trouble]);
  }
}

/** A number from 0 up to, but not, 1 that follows from the names alone, and is evenly spread over them. */
export function draw(...names: readonly (string | number)[]): number {
  const digest = createHash('sha256').update(JSON.stringify(names)).digest();
  return digest.readUIntBE(0, 6) / 2 ** 48;
}

/** Counts how often each subject came. */
export class Attempts {
  private readonly counts = new Map<string, number>();

  /** 1 for the first time. */
  next(subject: string): number {
    const attempt = (this.counts.get(subject) ?? 0) + 1;
    this.counts.set(subject, attempt);
    return attempt;
  }
}
