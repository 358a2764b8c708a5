import { CommanderError } from 'commander';
import { exitCodeOf, explain } from '../../../src/cli/terminal/failure';
import { type ErrorCode, errorCatalogue, OrderlyError } from '../../../src/errors';

const codes = Object.keys(errorCatalogue) as ErrorCode[];

describe('failures', () => {
  it.each(codes)('%s exits with 2 exactly when the usage was wrong', code => {
    const error = new OrderlyError(code);
    expect(exitCodeOf(error)).toBe(error.usage ? 2 : 1);
  });

  it.each(codes)('%s is explained in one line that ends as a sentence', code => {
    expect(explain(new OrderlyError(code))).toMatch(/^[^\n]+[.!?)]$/);
  });

  it('say what happened, then what to do next', () => {
    const error = new OrderlyError('OrderDecided', { orderId: 'A-1', status: 'confirmed' });
    expect(explain(error)).toBe(
      'Order A-1 is already confirmed. Only an order that has not ended, and of which nothing is packed, can be cancelled or changed.',
    );
  });

  it('show no more of what was given wrongly than its beginning', () => {
    const long = 'x'.repeat(81);
    expect(explain(new OrderlyError('OrderUnknown', { orderId: `${long}y` }))).toMatch(/ x{80}…\./);
    expect(explain(new OrderlyError('OrderUnknown', { orderId: long.slice(2) }))).toContain(
      ` ${long.slice(2)}.`,
    );
  });

  it('show the whole path of a file, and all of a difference', () => {
    const path = `/${'folder/'.repeat(20)}kpi.yaml`;
    expect(explain(new OrderlyError('FileUnreadable', { path, detail: 'no' }))).toContain(path);
    const diff = JSON.stringify({ unit: 'x'.repeat(40), window: 'y'.repeat(40) });
    expect(
      explain(new OrderlyError('KpiDefinitionChanged', { file: 'f', version: 'v', diff })),
    ).toContain(diff);
  });

  it('put what has several lines into one', () => {
    expect(explain(new OrderlyError('NotJson', { detail: 'one\n  two' }))).toMatch(/: one two\. /);
  });

  it('of a bug exit with 1, not as wrong usage', () => {
    expect(exitCodeOf(new TypeError('x is not a function'))).toBe(1);
  });

  it('of several servers exit with 1 unless all of them are usage', () => {
    const usage = new OrderlyError('UsageInvalid');
    const failed = new OrderlyError('ServerUnavailable');
    expect(exitCodeOf(new AggregateError([usage, failed]))).toBe(1);
    expect(exitCodeOf(new AggregateError([usage, usage]))).toBe(2);
  });

  it('are none where help was asked for', () => {
    expect(exitCodeOf(new CommanderError(0, 'commander.helpDisplayed', 'help'))).toBe(0);
  });
});
