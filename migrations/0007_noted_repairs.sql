-- A repair is noted before it is published. A step that breaks off after that is done again, and by then the
-- ledger has what was missing: only the note tells that it was.
CREATE TABLE noted_repairs (
  depth      text NOT NULL,
  event_id   text COLLATE "C" NOT NULL,
  kpi        text NOT NULL,
  occurrence text NOT NULL,
  at         timestamptz NOT NULL,
  detail     text NOT NULL,
  noted_at   timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (depth, event_id)
);
COMMENT ON TABLE noted_repairs IS
  'Events that the standing reconciliation of a depth publishes or has published, until the step that tells of them is saved.';
