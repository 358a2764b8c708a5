import pino from 'pino';
import type { Finding } from '../../src/postgres/findings';
import { findingLog } from '../../src/workers/findingLog';

it('an event that nobody can explain is a warning with its id, its KPI and the reason; a repaired one is not', () => {
  const lines: string[] = [];
  const logger = pino({ base: null, timestamp: false }, { write: line => void lines.push(line) });
  const finding: Finding = {
    eventId: 'revenue@1:milestone:order-nobody:OrderConfirmed',
    verdict: 'unexplained',
    kpi: 'revenue',
    occurrence: 'milestone',
    at: 0,
    detail: 'Temporal has no such workflow',
  };
  const log = findingLog(logger, 'deep');
  log(finding);
  log({ ...finding, verdict: 'repaired' });
  expect(lines.map(line => JSON.parse(line))).toEqual([
    {
      level: pino.levels.values.warn,
      eventId: finding.eventId,
      kpi: 'revenue',
      detail: 'Temporal has no such workflow',
      depth: 'deep',
      msg: 'unexplained event',
    },
  ]);
});
