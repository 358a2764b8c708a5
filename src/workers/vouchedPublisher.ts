/** How a role publishes KPI events by its own publisher: its heartbeats vouch for them. */
import type { Publisher } from '../kafka/publisher';
import { TrackedPublisher } from '../kafka/trackedPublisher';
import type { Catalogue } from '../kpi/catalogue';
import { type Producer, versionsCapturedBy } from '../kpi/producers';
import { kpiTopic } from '../messages/kpiEvent';
import type { Logger } from '../telemetry';
import { startHeartbeats } from './heartbeats';
import type { Resources } from './resources';

export interface VouchedPublisherOptions {
  readonly producer: Producer;
  readonly instance: string;
  readonly catalogue: Catalogue;
  readonly publisher: Publisher;
  readonly logger: Logger;
}

/** Says goodbye before the publisher ends; whatever is used after it ends first. */
export function vouchedPublisher(
  resources: Resources,
  { producer, instance, catalogue, publisher, logger }: VouchedPublisherOptions,
): TrackedPublisher {
  const tracked = new TrackedPublisher(publisher, new Set(catalogue.namesWithEvents.map(kpiTopic)));
  const heartbeats = startHeartbeats({
    producer,
    instance,
    kpis: versionsCapturedBy(producer, catalogue.definitions),
    publisher,
    progress: now => tracked.progress(now),
    // Only some of those who publish try again; which ones, nobody here can tell.
    dropped: () => tracked.refused,
    logger,
  });
  resources.use(heartbeats, started => started.stop());
  return tracked;
}
