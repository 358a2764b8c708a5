/** Telling the world what an order's workflow decided. */
import type { Announcement } from '../domain/announcement';
import { encode } from '../kafka/cloudEvents';
import type { Publisher } from '../kafka/publisher';
import { topicOf } from '../messages';

/**
 * Publishes all messages of one moment. Every event id is derived, so an attempt that repeats an
 * earlier one writes the same events again and nobody counts them twice. Answers with the time at which
 * Kafka had them all, RFC 3339: once in history, it is the same for whoever asks when it was.
 */
export function createAnnouncementActivities({ publisher }: { publisher: Publisher }) {
  return {
    async announce({ messages, traceparent }: Announcement): Promise<string> {
      await Promise.all(
        messages.map(message =>
          publisher.publish({
            topic: topicOf(message.type),
            ...encode({ ...message, traceparent }),
          }),
        ),
      );
      return new Date().toISOString();
    },
  };
}

export type AnnouncementActivities = ReturnType<typeof createAnnouncementActivities>;
