import type { Config } from '../config';
import { createKafka } from '../kafka/client';
import { ensureTopics, programTopics } from '../kafka/topics';
import { startCarrier } from '../partners/carrier';
import { startPaymentProvider } from '../partners/paymentProvider';
import { startWarehouse } from '../partners/warehouse';
import type { Telemetry } from '../telemetry';
import type { Resources } from './resources';
import type { Running } from './role';

/**
 * The role `partners`, for demonstrations and tests: two payment providers, a carrier and a warehouse, as
 * other companies would run them. They share nothing with the rest but their protocols.
 */
export async function partnersRole(
  config: Config,
  { logger }: Telemetry,
  resources: Resources,
): Promise<Running> {
  const kafka = createKafka(config, 'partners', logger);
  await ensureTopics(kafka, programTopics(config, []), logger);
  const ports = config.PARTNERS_PORTS;
  const shared = { host: config.HTTP_HOST, dataDir: config.PARTNERS_DATA_DIR, logger };

  for (const name of ['payment-a', 'payment-b'] as const) {
    const provider = await startPaymentProvider({ ...shared, name, port: ports[name] });
    resources.use(provider, partner => partner.stop());
  }
  const carrier = await startCarrier({ ...shared, name: 'carrier', port: ports.carrier, kafka });
  resources.use(carrier, partner => partner.stop());
  const warehouse = await startWarehouse({
    ...shared,
    name: 'warehouse',
    port: ports.warehouse,
    kafka,
    group: config.KAFKA_WAREHOUSE_GROUP,
  });
  resources.use(warehouse, partner => partner.stop());

  return { troubles: async () => (warehouse.joined ? [] : ['not in the consumer group']) };
}
