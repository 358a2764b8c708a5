import { OrderlyError } from '../errors';
import type { Partner } from './http';
import { connectPartner } from './partner';
import {
  createPaymentProvider,
  type HeldAuthorization,
  type PaymentProvider,
} from './paymentProvider';

/** Hears of a provider that can not be asked, or that refuses to answer: there may be more that it holds. */
export type OnSilent = (provider: string, failure: OrderlyError) => void;

/** The payment providers by name. */
export interface PaymentGateway {
  /** @throws OrderlyError ProviderUnknown */
  provider(name: string): PaymentProvider;
  /** What all of them hold. One that does not say so, or not to the end, keeps nothing of the others back. */
  held(onSilent: OnSilent): AsyncGenerator<HeldAuthorization>;
  stop(): void;
}

export interface PaymentGatewayOptions {
  readonly providers: readonly Partner[];
  /** How long a first authorization may take, in milliseconds. */
  readonly timeoutMs: number;
}

export function createPaymentGateway(options: PaymentGatewayOptions): PaymentGateway {
  const breakers = options.providers.map(connectPartner);
  const providers = new Map(
    options.providers.map(({ name }, index) => {
      const { call } = breakers[index]!;
      return [name, createPaymentProvider({ name, call, timeoutMs: options.timeoutMs })] as const;
    }),
  );
  return {
    provider(name) {
      const provider = providers.get(name);
      if (provider === undefined) throw new OrderlyError('ProviderUnknown', { provider: name });
      return provider;
    },
    async *held(onSilent) {
      for (const [name, provider] of providers) {
        try {
          yield* provider.held();
        } catch (thrown) {
          if (!(thrown instanceof OrderlyError)) throw thrown;
          onSilent(name, thrown);
        }
      }
    },
    stop() {
      for (const breaker of breakers) breaker.stop();
    },
  };
}
