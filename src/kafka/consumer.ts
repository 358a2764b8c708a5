import type { Kafka } from 'kafkajs';
import type { Logger } from 'pino';
import type { IncomingRecord } from './record';

export interface ConsumeOptions {
  readonly group: string;
  readonly topics: readonly string[];
  /**
   * Resolved: the record is durably dealt with, and its offset may be committed. Rejected: not now; the
   * same record is tried again with back-off, for as long as it takes, while its partition is paused.
   * A record may come more than once, and records of one key may be under way together: the handler is
   * idempotent. What can never succeed is the handler's own business (it dead-letters and resolves).
   */
  readonly onRecord: (record: IncomingRecord) => Promise<void>;
  /** Handlers under way at once. */
  readonly maxInFlight: number;
  readonly logger: Logger;
  /** Where a group without committed offsets begins. Default: at the beginning. */
  readonly fromBeginning?: boolean;
  /** How long `stop` waits for handlers under way, in milliseconds. Default 20,000. */
  readonly drainMs?: number;
}

export interface PartitionLag {
  readonly topic: string;
  readonly partition: number;
  /** Records of the partition that are not committed as done. */
  readonly records: number;
}

export interface Consumption {
  /** Handlers under way, or waiting to try again. */
  readonly inFlight: number;
  /** Whether this process is a member of the group right now. */
  readonly joined: boolean;
  /** The lag of each partition assigned to this process, as of its last fetch. */
  lag(): readonly PartitionLag[];
  /** Fetches no more, lets handlers finish, commits, leaves the group. */
  stop(): Promise<void>;
}

/** Resolves once this process has joined the group. */
export function consume(_kafka: Kafka, _options: ConsumeOptions): Promise<Consumption> {
  return Promise.reject(new Error('being written'));
}
