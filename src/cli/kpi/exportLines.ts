/** Exported minutes as lines of text; pure. docs/reading-kpis.md explains the fields. */
import { Histogram } from '../../kpi/histogram';
import type { ExportedMinute } from '../../postgres/ledgerExport';

const columns = [
  'kpi',
  'version',
  'minute',
  'slice',
  'count',
  'sum',
  'min',
  'max',
  'revision',
  'change',
  'buckets',
] as const;

export const csvHead = `${columns.join()}\n`;

/** RFC 4180, but for the line ends; slice and buckets are JSON. */
export function csvLine(minute: ExportedMinute): string {
  const fields = fieldsOf(minute);
  return `${columns.map(column => quoted(fields[column])).join()}\n`;
}

/** One JSON object; `sum` has all its digits. */
export function jsonLine(minute: ExportedMinute): string {
  const fields = fieldsOf(minute);
  const members = columns.map(column => {
    const isText = column === 'kpi' || column === 'minute';
    return `"${column}":${isText ? JSON.stringify(fields[column]) : fields[column] || 'null'}`;
  });
  return `{${members.join()}}\n`;
}

/** As JSON writes them, texts without quotes; empty where there is none. */
function fieldsOf(minute: ExportedMinute): Record<(typeof columns)[number], string> {
  return {
    kpi: minute.kpi,
    version: String(minute.version),
    minute: minute.minute.toISOString(),
    slice: JSON.stringify(minute.slice),
    count: String(minute.count),
    sum: minute.sum,
    min: String(minute.min ?? ''),
    max: String(minute.max ?? ''),
    revision: String(minute.revision),
    change: minute.change,
    buckets: JSON.stringify(Histogram.decode(minute.histogram).entries),
  };
}

const quoted = (text: string): string =>
  /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
