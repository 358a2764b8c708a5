/** Which partition a record goes to. */
import { type ICustomPartitioner, Partitioners } from 'kafkajs';

/**
 * By its key, as the Java client has it; or by turn: one partition for all records of a topic that leave
 * together, and the next one for those that leave next. By turn is for events whose order nobody needs: what
 * leaves in a few large pieces costs the client, the broker and each reader less.
 */
export type Partitioning = 'by-key' | 'by-turn';

type Partitioner = ReturnType<ICustomPartitioner>;

/**
 * The first choice stands: a repetition never moves a record to another partition, even when the topic has
 * grown meanwhile, and the answer tells where the record went.
 * @param turn the number of the send, which by turn decides
 */
export function partitionerFor(partitioning: Partitioning, turn: () => number): Partitioner {
  const choose = partitioning === 'by-key' ? Partitioners.DefaultPartitioner() : byTurn(turn);
  return args => {
    args.message.partition ??= choose(args);
    return args.message.partition;
  };
}

/** What the Java client does for records without a key, and with `partitioner.ignore.keys` for all (KIP-480, KIP-794). */
function byTurn(turn: () => number): Partitioner {
  return ({ partitionMetadata }) => {
    const led = partitionMetadata.filter(({ leader }) => leader >= 0);
    const choice = led.length > 0 ? led : partitionMetadata;
    return choice[turn() % choice.length]!.partitionId;
  };
}
