-- A process captures nothing for a version of a KPI that it has not read, so it vouches only for those it has.
ALTER TABLE kpi_producers ADD COLUMN kpis text[];
COMMENT ON COLUMN kpi_producers.kpis IS
  'The versions of KPIs for which this life captures events, as name@version, by its newest heartbeat. NULL: it does not tell, and counts as knowing all.';
