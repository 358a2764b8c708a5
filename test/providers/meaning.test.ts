import { z } from 'zod';
import {
  answerOf,
  detailOfThrown,
  meaningOfStatus,
  meaningOfThrown,
  refusalOf,
} from '../../src/providers/meaning';

describe('What the status of an answer means', () => {
  it.each([
    [200, 'reply'],
    [201, 'reply'],
    [301, 'unknown'],
    [400, 'reply'],
    [404, 'reply'],
    [408, 'unknown'],
    [422, 'reply'],
    [429, 'not-done'],
    [500, 'unknown'],
    [503, 'unknown'],
    [599, 'unknown'],
    [99, 'unknown'],
  ])('%i: %s', (status, meaning) => {
    expect(meaningOfStatus(status)).toBe(meaning);
  });
});

const failed = (cause: unknown) => new TypeError('fetch failed', { cause });
const coded = (code: string) => Object.assign(new Error(`secret of ${code}`), { code });

describe('What silence means', () => {
  it.each([
    ['a refused connection', failed(coded('ECONNREFUSED')), 'not-done'],
    ['a name that nobody knows', failed(coded('ENOTFOUND')), 'not-done'],
    ['a certificate that is not trusted', failed(coded('CERT_HAS_EXPIRED')), 'not-done'],
    [
      'each of several addresses refused',
      failed(new AggregateError([coded('ECONNREFUSED'), coded('ENETUNREACH')])),
      'not-done',
    ],
    [
      'one of several addresses that may have heard it',
      failed(new AggregateError([coded('ECONNREFUSED'), coded('ECONNRESET')])),
      'unknown',
    ],
    ['a connection that was reset', failed(coded('ECONNRESET')), 'unknown'],
    ['a connection that ended', failed(coded('UND_ERR_SOCKET')), 'unknown'],
    ['no answer in time', new DOMException('timed out', 'TimeoutError'), 'unknown'],
    ['a fault that nobody foresaw', new RangeError('?'), 'unknown'],
    ['what is no error at all', undefined, 'unknown'],
  ])('%s', (_what, thrown, meaning) => {
    expect(meaningOfThrown(thrown)).toBe(meaning);
  });

  it('is described by names alone, since words may hold what was sent', () => {
    const several = new AggregateError([coded('ECONNREFUSED'), coded('ECONNREFUSED')]);
    expect(detailOfThrown(failed(several))).toBe('ECONNREFUSED');
    expect(detailOfThrown(new DOMException('secret', 'TimeoutError'))).toBe('TimeoutError');
  });

  it('is understood even where causes go round in a circle', () => {
    const circle: Error & { cause?: unknown } = new Error('round');
    circle.cause = circle;
    expect(meaningOfThrown(circle)).toBe('unknown');
  });
});

describe('The content of an answer', () => {
  const schema = z.object({ id: z.string() });
  const answer = (status: number, body: unknown) => () => answerOf('p', { status, body }, schema);

  it('is what the protocol says', () => {
    expect(answer(201, { id: '1', more: true })()).toEqual({ id: '1' });
  });

  it('leaves the outcome unknown where it can not be understood', () => {
    expect(answer(201, { id: 1 })).toThrow(
      expect.objectContaining({ code: 'PartnerOutcomeUnknown' }),
    );
  });

  it('is a refusal that is named by its status and its code', () => {
    expect(answer(422, { code: 'ExceedsHold', reason: 'no' })).toThrow(
      expect.objectContaining({
        code: 'PartnerRefused',
        message: 'p refused what it was asked: status 422, ExceedsHold.',
      }),
    );
  });

  it.each([
    ['is missing', undefined],
    ['is no word', { code: 'Ada Lovelace' }],
    ['is no text', { code: 7 }],
  ])('tells nothing of a code that %s', (_what, body) => {
    expect(refusalOf({ status: 400, body })).toBe('status 400');
  });
});
