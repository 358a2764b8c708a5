/** How far an order's life goes, and how long each of its stages may take: fixed when the order starts. */

export interface OrderPlan {
  readonly approval?: ApprovalPlan;
  readonly backOrder?: { readonly deadlineSeconds: number };
  readonly payment?: PaymentPlan;
  readonly fulfilment?: FulfilmentPlan;
}

/** Which orders a person decides. Limits are totals in minor units by currency, `quantity` pieces of a line. */
export interface ApprovalPlan {
  readonly limits: Readonly<Record<string, number>>;
  readonly quantity?: number;
  readonly remindSeconds: number;
  readonly deadlineSeconds: number;
  /** What an order becomes that nobody decided. */
  readonly onExpiry: 'approve' | 'reject';
}

/** The providers by name, in the order in which they are tried. */
export interface PaymentPlan {
  readonly providers: readonly string[];
  readonly deadlineSeconds: number;
}

/** How long picking and dispatch may take before somebody is told. They are never given up. */
export interface FulfilmentPlan {
  readonly pickingSeconds: number;
  readonly dispatchSeconds: number;
}
