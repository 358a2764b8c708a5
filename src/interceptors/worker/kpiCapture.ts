/** The worker half of KPI capture: derives the KPI events of what was captured, and publishes them. */
import type { ActivityInterceptorsFactory, InjectedSinks } from '@temporalio/worker';
import type { Catalogue } from '../../kpi/catalogue';
import { kpiRecords } from '../../kpiRecords';
import type { KpiSinks } from '../workflow/sinks';
import { activityInterceptors, type Describe } from './activityInterceptors';
import { type KpiCounts, KpiPublisher, type KpiPublisherOptions } from './kpiPublisher';
import { occurrenceOf, subjectOf } from './sandboxFacts';

/** The workflow interceptors, for `workflowInterceptorModules` when the workflows are bundled. */
export const kpiWorkflowInterceptors: string = require.resolve('../workflow');

export interface KpiCaptureOptions extends KpiPublisherOptions {
  /** An empty one turns the capture off. */
  readonly catalogue: Catalogue;
  /** Version of this deployment. */
  readonly deployment: string;
}

export interface KpiCapture {
  /** For `WorkerOptions.sinks`; a replay worker needs them, too. */
  readonly sinks: InjectedSinks<KpiSinks>;
  /** For `WorkerOptions.interceptors.activity`. */
  readonly activityInterceptors: ActivityInterceptorsFactory;
  readonly counts: KpiCounts;
  /** See KpiPublisher.oldest. */
  readonly oldest: number | undefined;
  /** See KpiPublisher.stop. */
  stop(withinMs: number): Promise<void>;
}

export function createKpiCapture(options: KpiCaptureOptions): KpiCapture {
  const { catalogue, deployment } = options;
  const publisher = new KpiPublisher(options);
  const occurred = (describe: Describe): void =>
    publisher.offer(() => kpiRecords(catalogue, describe(), deployment));
  return {
    sinks: {
      kpi: {
        occurred: {
          fn(info, fact) {
            if (catalogue.observes(fact.occurrence, subjectOf(info, fact))) {
              occurred(() => occurrenceOf(info, fact));
            }
          },
        },
      },
    },
    activityInterceptors: activityInterceptors(catalogue, occurred),
    get counts() {
      return publisher.counts;
    },
    get oldest() {
      return publisher.oldest;
    },
    stop: withinMs => publisher.stop(withinMs),
  };
}
