/**
 * The ids that were settled lately. Kafka and its clients repeat themselves soon or not at all, so most
 * repetitions are known here and cost neither parsing nor a question to Postgres.
 */
export class RecentIds {
  private young = new Set<string>();
  private old = new Set<string>();

  /** @param limit remembers at least so many of the ids added last, and at most twice as many */
  constructor(private readonly limit: number) {}

  has(id: string): boolean {
    return this.young.has(id) || this.old.has(id);
  }

  add(id: string): void {
    this.young.add(id);
    if (this.young.size < this.limit) return;
    this.old = this.young;
    this.young = new Set();
  }
}
