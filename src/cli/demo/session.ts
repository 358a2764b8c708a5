/** What a run of the demonstration works with: open connections, and a tally of what the topics say. */
import type { Kafka } from 'kafkajs';
import type { Pool } from 'pg';
import type { Config } from '../../config';
import type { Publisher } from '../../kafka/publisher';
import { endOf, readTopics } from '../../kafka/reader';
import { headerText } from '../../kafka/record';
import type { Catalogue } from '../../kpi/catalogue';
import { readKpiCatalogue } from '../../kpiCatalogue';
import { LedgerLookup } from '../../postgres/ledgerLookup';
import { seedStock } from '../../postgres/stock';
import { commandKafka, withPublisher } from '../servers/kafka';
import { withDatabase } from '../servers/postgres';
import { type Temporal, withTemporal } from '../servers/temporal';
import { seededProducts } from './products';
import { Staff, staffTopics } from './staff';
import { newDemoPrefix, runHeader } from './submissions';
import { type Scope, Tally } from './tally';

export interface Session {
  readonly config: Config;
  /** What all order ids of this run begin with. */
  readonly idPrefix: string;
  readonly kafka: Kafka;
  readonly publisher: Publisher;
  readonly pool: Pool;
  readonly temporal: Temporal;
  readonly catalogue: Catalogue;
  readonly ledger: LedgerLookup;
  /** Counts from the moment the session was opened. */
  readonly tally: Tally;
  /** Decides, and buys in, from then on. */
  readonly staff: Staff;
}

/**
 * Opens a session over products that are in stock, with people at work, and closes it after `work`.
 * @param whose whether the tally takes in only what this run sends, or what anyone sends meanwhile
 */
export function withSession<T>(
  config: Config,
  whose: 'this run' | 'everyone',
  work: (session: Session) => Promise<T>,
): Promise<T> {
  const idPrefix = newDemoPrefix();
  const kafka = commandKafka(config);
  const catalogue = readKpiCatalogue();
  return withDatabase(config, pool =>
    withTemporal(config, temporal =>
      withPublisher(config, async publisher => {
        await seedStock(pool, seededProducts);
        const tally = new Tally(whose === 'everyone' ? everyone : only(idPrefix, catalogue));
        const staff = new Staff({ client: temporal.client, publisher });
        const from = await endOf(kafka, [...new Set([...tally.topics, ...staffTopics])]);
        const reading = await readTopics(kafka, from, record => {
          tally.count(record);
          staff.hear(record);
        });
        try {
          const servers = { kafka, publisher, pool, temporal, ledger: new LedgerLookup(pool) };
          return await work({ config, idPrefix, catalogue, tally, staff, ...servers });
        } finally {
          await reading.stop();
          await staff.stop();
        }
      }),
    ),
  );
}

const everyone: Scope = {
  isOurs: () => true,
  isOurOrder: () => true,
  windowMs: 15 * 60_000,
  kpis: [],
};

const only = (idPrefix: string, catalogue: Catalogue): Scope => ({
  isOurs: ({ headers }) => headerText(headers, runHeader) === idPrefix,
  isOurOrder: orderId => orderId.startsWith(idPrefix),
  windowMs: Number.POSITIVE_INFINITY,
  kpis: catalogue.namesWithEvents,
});
