import type { OutgoingRecord } from '../kafka/record';

/** Marks an event that the process which saw it happen did not publish. */
export const asReconciled = (record: OutgoingRecord): OutgoingRecord => ({
  ...record,
  headers: { ...record.headers, ce_reconciled: 'true' },
});
