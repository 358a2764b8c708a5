-- Who publishes KPI events, from when to when, and how far what they published is counted: what tells a
-- window without traffic from one that nobody vouches for.

CREATE TABLE kpi_producers (
  producer      text COLLATE "C" NOT NULL,
  instance      text COLLATE "C" NOT NULL,
  started_at    timestamptz NOT NULL,
  sequence      bigint NOT NULL,
  heard_at      timestamptz NOT NULL,
  leased_until  timestamptz NOT NULL,
  goodbye       boolean NOT NULL,
  dropped       bigint NOT NULL,
  counted_until timestamptz NOT NULL,
  PRIMARY KEY (producer, instance, started_at)
);
CREATE INDEX producers_in_time ON kpi_producers (leased_until);
COMMENT ON TABLE kpi_producers IS
  'One row per life of a process that publishes KPI events, kept for ever. heard_at: when its newest heartbeat was sent, which has this sequence. counted_until: all that it captured before is in the ledger, or was dropped; moved on as its heartbeats are found to be counted.';

CREATE TABLE kpi_heartbeats (
  producer   text COLLATE "C" NOT NULL,
  instance   text COLLATE "C" NOT NULL,
  started_at timestamptz NOT NULL,
  sequence   bigint NOT NULL,
  settled_at timestamptz NOT NULL,
  topics     text[] NOT NULL,
  partitions integer[] NOT NULL,
  offsets    bigint[] NOT NULL,
  PRIMARY KEY (producer, instance, started_at, sequence)
);
COMMENT ON TABLE kpi_heartbeats IS
  'The heartbeats whose events the ledger has not counted yet on every topic. All captured before settled_at lies at or below these offsets. A row leaves once ledger_watermarks has passed all of them.';

CREATE TABLE kpi_drops (
  producer      text COLLATE "C" NOT NULL,
  instance      text COLLATE "C" NOT NULL,
  started_at    timestamptz NOT NULL,
  dropped_until timestamptz NOT NULL,
  dropped_from  timestamptz NOT NULL,
  events        bigint NOT NULL CHECK (events > 0),
  PRIMARY KEY (producer, instance, started_at, dropped_until)
);
COMMENT ON TABLE kpi_drops IS
  'Between which heartbeats how many events were lost, for want of room or because Kafka refused them. Kept for ever: windows of that time are partial.';
