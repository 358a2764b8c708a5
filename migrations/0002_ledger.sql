-- The ledger: every KPI event counts once. Figures are sums of minutes; hours and days are sums of those.
--
-- A generation is one complete set of figures. Readers take the live one; a rebuild fills another beside it
-- and swaps. Each generation has partitions of its own, so that a retired one is dropped, not deleted.

CREATE TABLE ledger_generations (
  generation smallint PRIMARY KEY,
  state      text NOT NULL CHECK (state IN ('live', 'building', 'retired')),
  created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX one_live_generation ON ledger_generations (state) WHERE state = 'live';
COMMENT ON TABLE ledger_generations IS
  'The sets of figures. Exactly one is live. Whoever counts holds a share lock on its row; a swap locks it exclusively.';

CREATE TABLE kpi_dimension_values (
  kpi       text COLLATE "C" NOT NULL,
  version   integer NOT NULL,
  dimension text COLLATE "C" NOT NULL,
  value     jsonb NOT NULL,
  PRIMARY KEY (kpi, version, dimension, value)
);
COMMENT ON TABLE kpi_dimension_values IS
  'The values that a dimension was admitted with, first come, at most as many as its bound; any other counts as "other". Shared by all generations and never taken back, so that a rebuild slices as the first count did.';

CREATE TABLE kpi_series (
  series_id integer GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  kpi       text COLLATE "C" NOT NULL,
  version   integer NOT NULL,
  synthetic boolean NOT NULL,
  total     boolean NOT NULL,
  slice     jsonb NOT NULL,
  UNIQUE (kpi, version, synthetic, total, slice)
);
COMMENT ON TABLE kpi_series IS
  'What is counted separately: a definition''s version, whether of test orders (synthetic: in no business figure), and a slice (dimension to value). The series marked total count every event once more, so that a whole KPI is read without adding all its slices: of its dimensions they keep those alone without which no figure can be told (marked apart, or in the formula''s good). Sum the slices or the totals, never both. Shared by all generations.';

CREATE TABLE counted_events (
  generation  smallint NOT NULL,
  event_key   uuid NOT NULL,
  at          timestamptz NOT NULL,
  value       double precision NOT NULL,
  series_id   integer NOT NULL,
  provisional boolean NOT NULL,
  PRIMARY KEY (event_key, generation)
) PARTITION BY LIST (generation);
COMMENT ON TABLE counted_events IS
  'Which event ids are counted, and as what: the guard that each counts once. event_key is the first 16 bytes of the SHA-256 of the CloudEvents id. provisional: its type of failure is unknown, and an event with the same id that knows it takes its place. A row leaves with the day of its event (kpi_events); older events are refused as too late.';

CREATE TABLE kpi_events (
  generation  smallint NOT NULL,
  at          timestamptz NOT NULL,
  event_key   uuid NOT NULL,
  event_id    text NOT NULL,
  value       double precision NOT NULL,
  series_id   integer NOT NULL,
  provisional boolean NOT NULL,
  reconciled  boolean NOT NULL,
  deployment  text NOT NULL
) PARTITION BY LIST (generation);
COMMENT ON TABLE kpi_events IS
  'The counted events themselves, one row per row of counted_events, partitioned by the UTC day of the event (at) and dropped by day. reconciled: published by the reconciler, not by the process that saw it happen.';

CREATE TABLE kpi_minutes (
  generation smallint NOT NULL,
  series_id  integer NOT NULL,
  minute     timestamptz NOT NULL,
  count      bigint NOT NULL DEFAULT 0,
  sum        numeric NOT NULL DEFAULT 0,
  min        double precision,
  max        double precision,
  histogram  bytea NOT NULL DEFAULT '\x00',
  revision   bigint NOT NULL DEFAULT 0,
  changed_in xid8 NOT NULL DEFAULT pg_current_xact_id(),
  PRIMARY KEY (generation, series_id, minute)
) PARTITION BY LIST (generation);
COMMENT ON TABLE kpi_minutes IS
  'The figures: per series and minute (its start) of event time, kept for ever. A row with count 0 is one whose events all moved elsewhere. revision: how many changes came after the minute should have been complete. changed_in: the transaction of the last change, for incremental readers. histogram: see histogram_buckets().';

CREATE TABLE refused_events (
  generation smallint NOT NULL,
  event_key  uuid NOT NULL,
  topic      text NOT NULL,
  reason     text NOT NULL,
  refused_at timestamptz NOT NULL,
  PRIMARY KEY (generation, event_key)
);
COMMENT ON TABLE refused_events IS
  'Events that count nowhere and went to DeadLetterQueue, each once: reason is the code of the error catalogue, event_key that of the event id, or of topic, partition and offset where there is none. Kept as long as event ids are.';

CREATE TABLE ledger_watermarks (
  generation  smallint NOT NULL,
  topic       text COLLATE "C" NOT NULL,
  partition   integer NOT NULL,
  next_offset bigint NOT NULL,
  record_time timestamptz NOT NULL,
  event_time  timestamptz,
  PRIMARY KEY (generation, topic, partition)
);
COMMENT ON TABLE ledger_watermarks IS
  'How far each partition is counted: every record below next_offset is. record_time: the latest timestamp of a record dealt with; event_time: the latest of an event counted. They position no consumer: Kafka''s committed offsets do.';

-- Generation 1 counts from the first event on.
INSERT INTO ledger_generations (generation, state) VALUES (1, 'live');
CREATE TABLE counted_events_1 PARTITION OF counted_events FOR VALUES IN (1);
CREATE TABLE kpi_minutes_1 PARTITION OF kpi_minutes FOR VALUES IN (1) WITH (fillfactor = 70);
CREATE TABLE kpi_events_1 PARTITION OF kpi_events FOR VALUES IN (1) PARTITION BY RANGE (at);

-- Only of events that may still be replaced is the row looked for by its key.
CREATE INDEX provisional_events ON kpi_events (event_key) WHERE provisional;
CREATE INDEX events_in_time ON kpi_events USING brin (at) WITH (pages_per_range = 32);

-- The number of entries, then for each, in ascending order: bucket less the bucket before it (the first one
-- zigzag: 2b, or -2b - 1 for a negative one), and count; all as LEB128 variable-length integers.
-- Bucket b > 0 holds values in (2^((b - 34370) / 32), 2^((b - 34369) / 32)], b = 0 holds zero, and -b the
-- negatives of b. Buckets merge by addition:
--   SELECT bucket, sum(count) FROM kpi_minutes, histogram_buckets(histogram) GROUP BY bucket
CREATE FUNCTION histogram_buckets(histogram bytea) RETURNS TABLE (bucket integer, count bigint)
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
DECLARE
  numbers bigint[] := '{}';
  number  bigint := 0;
  shift   integer := 0;
  byte    integer;
BEGIN
  FOR place IN 0 .. length(histogram) - 1 LOOP
    byte := get_byte(histogram, place);
    number := number | ((byte & 127)::bigint << shift);
    shift := shift + 7;
    IF byte < 128 THEN
      numbers := numbers || number;
      number := 0;
      shift := 0;
    END IF;
  END LOOP;
  FOR entry IN 1 .. numbers[1] LOOP
    number := numbers[2 * entry];
    IF entry > 1 THEN
      bucket := bucket + number;
    ELSIF number % 2 = 0 THEN
      bucket := number / 2;
    ELSE
      bucket := -(number + 1) / 2;
    END IF;
    count := numbers[2 * entry + 1];
    RETURN NEXT;
  END LOOP;
END $$;
