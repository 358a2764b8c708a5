import { badMessage, badMessageKinds } from '../../../src/cli/demo/badMessages';
import { take } from '../../../src/intake/take';
import { orderReceived } from '../../../src/messages/orderReceived';

const largest = 262_144;

/** What the intake makes of the bad message of a kind. */
function codeOf(kind: number): string {
  const { key, value, headers = {} } = badMessage(kind, orderReceived.example);
  const record = {
    topic: orderReceived.topic,
    partition: 0,
    offset: '0',
    timestamp: 0,
    key: Buffer.from(String(key)),
    value: typeof value === 'string' ? Buffer.from(value) : value,
    headers: Object.fromEntries(
      Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]),
    ),
  };
  const taken = take(record, largest);
  return 'error' in taken ? taken.error.code : 'taken';
}

describe('the bad messages of the demonstration', () => {
  it('are all refused, for all the reasons that a message can be refused for', () => {
    const codes = Array.from({ length: badMessageKinds }, (_, kind) => codeOf(kind));
    expect(codes).not.toContain('taken');
    expect(new Set(codes)).toEqual(
      new Set([
        'NotJson',
        'EmptyMessage',
        'MessageTooLarge',
        'MessageInvalid',
        'CloudEventInvalid',
      ]),
    );
  });
});
