-- Reconciliation: how far Temporal's own record is held against the ledger, and what came of it.

-- What a lost event of a refusal must say, and when the refusal was noted: its record may be much older.
ALTER TABLE refusals
  ADD COLUMN synthetic boolean NOT NULL DEFAULT false,
  ADD COLUMN noted_at timestamptz NOT NULL DEFAULT now();
CREATE INDEX refusals_in_time ON refusals USING brin (noted_at);

CREATE TABLE reconciliation_checkpoints (
  depth          text PRIMARY KEY CHECK (depth IN ('shallow', 'deep')),
  compared_until timestamptz NOT NULL
);
COMMENT ON TABLE reconciliation_checkpoints IS
  'What closed before compared_until is compared to this depth; each span once, with its figures in kpi_parity.';

CREATE TABLE kpi_parity (
  depth       text NOT NULL,
  hour        timestamptz NOT NULL,
  kpi         text COLLATE "C" NOT NULL,
  occurrence  text NOT NULL,
  matched     bigint NOT NULL,
  repaired    bigint NOT NULL,
  unexplained bigint NOT NULL,
  PRIMARY KEY (depth, hour, kpi, occurrence)
);
COMMENT ON TABLE kpi_parity IS
  'Per hour (its start) of event time: how many events of a KPI, of one kind of occurrence, the ledger had as Temporal says, how many were missing and are published, and how many contradict it.';

CREATE TABLE revenue_parity (
  depth    text NOT NULL,
  hour     timestamptz NOT NULL,
  currency text NOT NULL,
  orders   bigint NOT NULL,
  ledger   numeric NOT NULL,
  temporal numeric NOT NULL,
  postgres numeric NOT NULL,
  PRIMARY KEY (depth, hour, currency)
);
COMMENT ON TABLE revenue_parity IS
  'Per hour in which confirmed orders closed: the sum of their totals (minor units) as the ledger counted them, as Temporal recorded them, and as their reservations hold them.';

CREATE TABLE reconciliation_findings (
  event_id   text COLLATE "C" PRIMARY KEY,
  verdict    text NOT NULL CHECK (verdict IN ('repaired', 'unexplained')),
  kpi        text NOT NULL,
  occurrence text NOT NULL,
  at         timestamptz NOT NULL,
  detail     text NOT NULL,
  depth      text NOT NULL,
  found_at   timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE reconciliation_findings IS
  'Each event that was not in the ledger as Temporal says, by its id: repaired ones are published again, unexplained ones are for people.';
