import { messageOf } from '../errors';
import type { Logger } from '../telemetry';

/** What a partner will do later. Nothing of it is kept here: the books know what is open after a restart. */
export class Agenda {
  private readonly timers = new Set<NodeJS.Timeout>();
  private readonly underWay = new Set<Promise<void>>();
  private stopped = false;

  constructor(private readonly logger: Logger) {}

  /** Begins the work in so many milliseconds. What it throws is logged, and left until the next start. */
  after(ms: number, work: () => Promise<void>): void {
    if (this.stopped) return;
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      const doing = work()
        .catch(thrown => this.logger.warn({ detail: messageOf(thrown) }, 'left for the next start'))
        .finally(() => this.underWay.delete(doing));
      this.underWay.add(doing);
    }, ms);
    this.timers.add(timer);
  }

  /** Begins nothing more. */
  stop(): void {
    this.stopped = true;
    for (const timer of this.timers) clearTimeout(timer);
    this.timers.clear();
  }

  /** Resolves when all that has begun has ended. */
  async idle(): Promise<void> {
    await Promise.all(this.underWay);
  }
}
