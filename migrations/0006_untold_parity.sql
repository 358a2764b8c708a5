-- What a step of the reconciliation came to is told as KPI events once it is saved, and kept until it is told.
ALTER TABLE reconciliation_checkpoints ADD COLUMN untold jsonb;
COMMENT ON COLUMN reconciliation_checkpoints.untold IS
  'The figures of the step that ended at compared_until, until all of them are out as events of kpi-parity.';
