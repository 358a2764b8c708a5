import pg from 'pg';
import { classified, isConflict } from '../../src/postgres/failures';

function fromServer(code: string): Error {
  const error = new pg.DatabaseError('server says', 0, 'error');
  error.code = code;
  return error;
}
const fromSystem = (code: string) => Object.assign(new Error('system says'), { code });

describe('classifying failures of Postgres', () => {
  it.each([
    '08006',
    '25006',
    '25P03',
    '40001',
    '40P01',
    '53100',
    '53300',
    '55P03',
    '57014',
    '57P01',
    '57P02',
    '57P03',
  ])('takes SQL state %s as transient', code => {
    const cause = fromServer(code);
    expect(classified(cause)).toMatchObject({ code: 'PostgresUnavailable', cause });
  });

  it.each(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND'])(
    'takes %s as transient',
    code => {
      expect(classified(fromSystem(code))).toMatchObject({ code: 'PostgresUnavailable' });
    },
  );

  it.each([
    'Connection terminated unexpectedly',
    'Connection terminated due to connection timeout',
    'Query read timeout',
    'timeout exceeded when trying to connect',
    'Client has encountered a connection error and is not queryable',
  ])('takes "%s" as transient, which pg throws without a code', message => {
    expect(classified(new Error(message))).toMatchObject({ code: 'PostgresUnavailable' });
  });

  it('names a refused login and values that can not be stored', () => {
    expect(classified(fromServer('28P01'))).toMatchObject({ code: 'PostgresRefused' });
    expect(classified(fromServer('3D000'))).toMatchObject({ code: 'PostgresRefused' });
    expect(classified(fromServer('22021'))).toMatchObject({ code: 'DataRefused' });
  });

  it.each([
    fromServer('42P01'),
    fromServer('23514'),
    fromSystem('ENOENT'),
    new Error('bug'),
    'text',
  ])('leaves %s as it is', thrown => {
    expect(classified(thrown)).toBe(thrown);
  });

  it('tells conflicts, which may pass at once, from other trouble', () => {
    expect([isConflict(fromServer('40P01')), isConflict(fromServer('40001'))]).toEqual([
      true,
      true,
    ]);
    expect([isConflict(fromServer('57P01')), isConflict(new Error('bug'))]).toEqual([false, false]);
  });
});
