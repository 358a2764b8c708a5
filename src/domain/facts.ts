/** The business facts of a decided order that KPIs may use: bounded values, no personal data. */
export interface DecidedFacts {
  readonly outcome: 'confirmed' | 'rejected' | 'cancelled';
  /** Minor units of `currency`; absent where the order was never priced. */
  readonly total?: number;
  readonly currency: string;
  readonly channel: string;
  readonly region: string;
  /** Lines whose product nobody knows. */
  readonly unknownProducts: number;
  readonly synthetic: boolean;
}
