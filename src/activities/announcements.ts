/** Telling the world what an order's workflow decided. */
import type { Announcement } from '../domain/announcement';
import { encode } from '../kafka/cloudEvents';
import type { Publisher } from '../kafka/publisher';
import { topicOf } from '../messages';

/**
 * Publishes all messages of one moment. Every event id is derived, so an attempt that repeats an
 * earlier one writes the same events again and nobody counts them twice.
 */
export function createAnnouncementActivities({ publisher }: { publisher: Publisher }) {
  return {
    async announce({ messages, traceparent }: Announcement): Promise<void> {
      await Promise.all(
        messages.map(message =>
          publisher.publish({
            topic: topicOf(message.type),
            ...encode({ ...message, traceparent }),
          }),
        ),
      );
    },
  };
}

export type AnnouncementActivities = ReturnType<typeof createAnnouncementActivities>;
