import {
  copyFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '../../src/postgres/migrate';
import { createEmptyDatabase, type TestDatabase } from '../support/database';
import { dumpSchema } from '../support/schema';

const folder = join(__dirname, '../../migrations');
const files = readdirSync(folder).filter(name => name.endsWith('.sql'));

describe('migrating a database', () => {
  let database: TestDatabase;
  let copies: string;

  beforeEach(async () => {
    database = await createEmptyDatabase();
    copies = mkdtempSync(join(tmpdir(), 'migrations-'));
    for (const name of files) copyFileSync(join(folder, name), join(copies, name));
  });
  afterEach(async () => {
    await database.drop();
    rmSync(copies, { recursive: true });
  });

  it('applies every file once, in the order of their numbers', async () => {
    writeFileSync(join(copies, '9002_second.sql'), 'ALTER TABLE probe ADD COLUMN two text;');
    writeFileSync(join(copies, '9001_first.sql'), 'CREATE TABLE probe (one text);');
    const all = [...files, '9001_first.sql', '9002_second.sql'];
    expect(await migrate(database.pool, copies)).toEqual(all);
    expect(await migrate(database.pool, copies)).toEqual([]);
  });

  it('lets several starters begin at once, and applies each file once all the same', async () => {
    writeFileSync(
      join(copies, '9001_slow.sql'),
      'SELECT pg_sleep(0.2); CREATE TABLE probe (one text);',
    );
    const starters = Array.from({ length: 5 }, () => database.openPool());
    const applied = await Promise.all(starters.map(pool => migrate(pool, copies)));
    expect(applied.flat().sort()).toEqual([...files, '9001_slow.sql']);
    const { rows } = await database.pool.query('SELECT name FROM migrations ORDER BY name');
    expect(rows.map(row => row.name)).toEqual([...files, '9001_slow.sql']);
  });

  it('leaves nothing of a file that fails, and applies it once it is corrected', async () => {
    const file = join(copies, '9001_broken.sql');
    writeFileSync(file, 'CREATE TABLE probe (one text); SELECT nonsense;');
    await expect(migrate(database.pool, copies)).rejects.toThrow('nonsense');
    writeFileSync(file, 'CREATE TABLE probe (one text);');
    expect(await migrate(database.pool, copies)).toEqual(['9001_broken.sql']);
  });

  it('refuses a file that was changed after it had been applied', async () => {
    await migrate(database.pool, copies);
    const changed = files[0] as string;
    writeFileSync(join(copies, changed), `${readFileSync(join(copies, changed), 'utf8')}\n-- more`);
    await expect(migrate(database.pool, copies)).rejects.toMatchObject({
      code: 'MigrationChanged',
      parameters: { name: changed },
    });
  });

  it('makes the tables of migrations/schema.txt (UPDATE_SCHEMA=true writes it anew)', async () => {
    await migrate(database.pool);
    const file = join(folder, 'schema.txt');
    const schema = await dumpSchema(database.pool);
    if (process.env.UPDATE_SCHEMA === 'true') writeFileSync(file, schema);
    expect(schema).toBe(readFileSync(file, 'utf8'));
  });
});
