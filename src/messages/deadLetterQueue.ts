/**
 * A message that could not be processed. Key, value and headers are those of the original, untouched
 * (cut short where this topic does not take so much), so there is no schema of the value; the headers
 * below say where it came from and what is wrong.
 */
export const deadLetterTopic = 'DeadLetterQueue';

/**
 * The header names are those of Spring for Apache Kafka (`KafkaHeaders.DLT_*`), which tools know; the
 * values are UTF-8 text. `exceptionFqcn` carries the reason: a code of the error catalogue.
 */
export const deadLetterHeaders = {
  originalTopic: 'kafka_dlt-original-topic',
  originalPartition: 'kafka_dlt-original-partition',
  originalOffset: 'kafka_dlt-original-offset',
  originalTimestamp: 'kafka_dlt-original-timestamp',
  originalConsumerGroup: 'kafka_dlt-original-consumer-group',
  exceptionFqcn: 'kafka_dlt-exception-fqcn',
  exceptionMessage: 'kafka_dlt-exception-message',
  /** Not of Spring: there where the original was too large, with how large it was. */
  cutShort: 'orderly_dlt-cut-short',
} as const;
