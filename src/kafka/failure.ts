import { messageOf, OrderlyError } from '../errors';

/** What went wrong underneath: the client library wraps errors in errors. */
export function rootOf(thrown: unknown): unknown {
  const seen = new Set<unknown>();
  let root = thrown;
  while (root instanceof Error && root.cause instanceof Error && !seen.has(root)) {
    seen.add(root);
    root = root.cause;
  }
  return root;
}

/** The name of a broker's error, such as MESSAGE_TOO_LARGE; undefined where no broker answered. */
export function brokerErrorOf(thrown: unknown): string | undefined {
  const root = rootOf(thrown);
  return hasText(root, 'type') ? root.type : undefined;
}

/** Whether the same call can not succeed later: the client or the broker says so. */
export function isPermanent(thrown: unknown): boolean {
  const root = rootOf(thrown);
  return root instanceof Error && 'retriable' in root && root.retriable === false;
}

/** Kafka can not be reached; names the broker where the client knows it. */
export function kafkaUnavailable(thrown: unknown): OrderlyError {
  const root = rootOf(thrown);
  const brokers = hasText(root, 'broker') ? root.broker : 'the configured brokers';
  return new OrderlyError(
    'KafkaUnavailable',
    { brokers, detail: messageOf(root) },
    { cause: thrown },
  );
}

function hasText<Name extends string>(
  value: unknown,
  name: Name,
): value is Readonly<Record<Name, string>> {
  return (
    typeof value === 'object' &&
    value !== null &&
    name in value &&
    typeof (value as Record<Name, unknown>)[name] === 'string'
  );
}
