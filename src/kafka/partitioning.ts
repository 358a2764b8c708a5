/** Which partition a record goes to. */
import { type ICustomPartitioner, Partitioners } from 'kafkajs';

type Partitioner = ReturnType<ICustomPartitioner>;

/**
 * By its key, as the Java client has it; or by turn: one partition for all records of a topic that leave
 * together, and the next one for those that leave next. By turn is for events whose order nobody needs: what
 * leaves in a few large pieces costs the client, the broker and each reader less.
 *
 * The first choice stands: a repetition never moves a record to another partition, even when the topic has
 * grown meanwhile, and the answer tells where the record went.
 * @param byTurn the topics whose records go by turn
 * @param turn the number of the send
 */
export function partitioner(byTurn: ReadonlySet<string>, turn: () => number): Partitioner {
  const ofKey = Partitioners.DefaultPartitioner();
  const ofTurn = inTurn(turn);
  return args => {
    args.message.partition ??= (byTurn.has(args.topic) ? ofTurn : ofKey)(args);
    return args.message.partition;
  };
}

/** What the Java client does for records without a key, and with `partitioner.ignore.keys` for all (KIP-480, KIP-794). */
function inTurn(turn: () => number): Partitioner {
  return ({ partitionMetadata }) => {
    const led = partitionMetadata.filter(({ leader }) => leader >= 0);
    const choice = led.length > 0 ? led : partitionMetadata;
    return choice[turn() % choice.length]!.partitionId;
  };
}
