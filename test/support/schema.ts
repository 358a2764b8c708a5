/** A readable dump of a database's tables, made from the catalogue alone. */
import type { Pool } from 'pg';

const columns = `
  SELECT c.relname AS "table", a.attnum AS position,
         concat_ws(' ', a.attname, format_type(a.atttypid, a.atttypmod),
           CASE WHEN a.attcollation <> t.typcollation THEN 'collate ' || l.collname END,
           CASE WHEN a.attnotnull THEN 'not null' END,
           CASE WHEN a.attidentity <> '' THEN 'identity' END,
           'default ' || pg_get_expr(d.adbin, d.adrelid)) AS line
  FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
  JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_collation l ON l.oid = a.attcollation
  LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    AND a.attnum > 0 AND NOT a.attisdropped`;

/** Not null constraints stand with their columns; Postgres 18 lists them here as well. */
const constraints = `
  SELECT conrelid::regclass::text AS "table", 1000 AS position,
         'constraint ' || conname || ' ' || pg_get_constraintdef(oid) AS line
  FROM pg_constraint
  WHERE connamespace = 'public'::regnamespace AND contype <> 'n'`;

const indexes = `
  SELECT tablename AS "table", 2000 AS position, indexdef AS line
  FROM pg_indexes WHERE schemaname = 'public'`;

/** One paragraph per table: its columns, constraints, indexes. */
export async function dumpSchema(pool: Pool): Promise<string> {
  const { rows } = await pool.query<{ table: string; line: string }>(
    `SELECT "table"::text, line FROM (${columns} UNION ALL ${constraints} UNION ALL ${indexes}) AS lines
     ORDER BY "table" COLLATE "C", position, line COLLATE "C"`,
  );
  const tables = [...new Set(rows.map(row => row.table))];
  return tables
    .map(table => {
      const lines = rows.filter(row => row.table === table).map(row => `  ${row.line}\n`);
      return `${table}\n${lines.join('')}`;
    })
    .join('\n');
}
