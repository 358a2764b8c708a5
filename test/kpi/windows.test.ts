import type { Span } from '../../src/kpi/spans';
import { type Drop, judge, type Life, type WindowState } from '../../src/kpi/windows';

/** Seconds, in the scale of the module. */
const s = 1_000;
const minute = 60 * s;
const graceMs = 30 * s;

const noon = Date.UTC(2026, 0, 31, 12);
const window: Span = { from: noon, until: noon + minute };
const longAfter = noon + 60 * minute;

const life = (changes: Partial<Life> = {}): Life => ({
  producer: 'order-worker',
  knows: true,
  from: noon - 60 * minute,
  until: longAfter + 20 * s,
  heardAt: longAfter,
  goodbye: false,
  countedUntil: longAfter,
  ...changes,
});

interface World {
  readonly lives?: readonly Life[];
  readonly drops?: readonly Drop[];
  readonly producers?: readonly string[];
  readonly inForce?: Span;
  readonly everyMinute?: boolean;
  readonly now?: number;
}

const stateOf = (
  {
    lives = [],
    drops = [],
    producers = ['order-worker'],
    inForce = { from: 0, until: Number.POSITIVE_INFINITY },
    everyMinute = false,
    now = longAfter,
  }: World,
  counted: number,
  asked = window,
): WindowState =>
  judge({ lives, drops }, { producers, inForce, everyMinute, graceMs, now })(asked, counted);

describe('the state of a window', () => {
  it('is complete, or without traffic, where its producer was there and all is counted', () => {
    expect(stateOf({ lives: [life()] }, 3)).toBe('complete');
    expect(stateOf({ lives: [life()] }, 0)).toBe('no-traffic');
  });

  it('is missing, not zero, where nobody was there', () => {
    expect(stateOf({}, 0)).toBe('missing');
    const silenced = life({ heardAt: noon - 5 * minute, until: noon - 4 * minute });
    expect(stateOf({ lives: [silenced] }, 0)).toBe('missing');
  });

  it('is partial where something was counted all the same', () => {
    expect(stateOf({}, 1)).toBe('partial');
  });

  it('is partial until its end and the grace have passed, whoever is there', () => {
    const over = window.until + graceMs;
    const alive = life({ countedUntil: longAfter });
    expect(stateOf({ lives: [alive], now: over - 1 }, 3)).toBe('partial');
    expect(stateOf({ lives: [alive], now: over }, 3)).toBe('complete');
    expect(stateOf({ now: over - 1 }, 0)).toBe('partial');
  });

  it('is partial while the ledger has not counted up to its end and the grace', () => {
    const over = window.until + graceMs;
    expect(stateOf({ lives: [life({ countedUntil: over - 1 })] }, 3)).toBe('partial');
    expect(stateOf({ lives: [life({ countedUntil: over })] }, 3)).toBe('complete');
    expect(stateOf({ lives: [life(), life({ countedUntil: over - 1 })] }, 3)).toBe('partial');
  });

  it('is partial for ever where a process died with something that may not have been settled', () => {
    const died = life({
      heardAt: noon + 10 * s,
      until: noon + 30 * s,
      countedUntil: noon + 10 * s,
    });
    expect(stateOf({ lives: [life(), died] }, 3)).toBe('partial');
  });

  it('is complete where a process died later than the grace after it', () => {
    const settled = window.until + graceMs;
    const died = life({ heardAt: settled, until: settled + 20 * s, countedUntil: settled });
    expect(stateOf({ lives: [died] }, 3)).toBe('complete');
  });

  it('is complete over a goodbye and the next start, as long as a lease bridges them', () => {
    const leaving = life({
      goodbye: true,
      heardAt: noon + 10 * s,
      countedUntil: noon + 10 * s,
      until: noon + 30 * s,
    });
    expect(stateOf({ lives: [leaving, life({ from: noon + 30 * s })] }, 3)).toBe('complete');
    expect(stateOf({ lives: [leaving, life({ from: noon + 31 * s })] }, 3)).toBe('partial');
  });

  it('is partial where a goodbye left something unsettled', () => {
    const leaving = life({
      goodbye: true,
      heardAt: noon + 10 * s,
      countedUntil: noon + 9 * s,
      until: noon + 30 * s,
    });
    expect(stateOf({ lives: [leaving, life()] }, 3)).toBe('partial');
  });

  it.each([
    { from: noon - 10 * s, until: noon, state: 'complete' },
    { from: noon - 10 * s, until: noon + 1, state: 'partial' },
    { from: window.until + graceMs - 1, until: longAfter, state: 'partial' },
    { from: window.until + graceMs, until: longAfter, state: 'complete' },
  ])('is $state where events were dropped from $from to $until', ({ from, until, state }) => {
    const drops = [{ producer: 'order-worker', from, until }];
    expect(stateOf({ lives: [life()], drops }, 3)).toBe(state);
  });

  it('needs every kind of producer, and none besides', () => {
    const producers = ['intake', 'order-worker'];
    const intake = life({ producer: 'intake' });
    expect(stateOf({ producers, lives: [life()] }, 0)).toBe('missing');
    expect(stateOf({ producers, lives: [life()] }, 3)).toBe('partial');
    expect(stateOf({ producers, lives: [life(), intake] }, 0)).toBe('no-traffic');
    const watcher = life({ producer: 'watcher', countedUntil: 0 });
    const drops = [{ producer: 'watcher', ...window }];
    expect(stateOf({ lives: [life(), watcher], drops }, 3)).toBe('complete');
  });

  it('before its definition took effect is missing, and partial where that was within it', () => {
    const inForceFrom = (from: number) => ({ from, until: Number.POSITIVE_INFINITY });
    expect(stateOf({ lives: [life()], inForce: inForceFrom(window.until) }, 0)).toBe('missing');
    expect(stateOf({ lives: [life()], inForce: inForceFrom(window.from + 1) }, 3)).toBe('partial');
    expect(stateOf({ lives: [life()], inForce: inForceFrom(window.from) }, 3)).toBe('complete');
  });

  it('after its definition ended is missing, and partial where something still came of it', () => {
    const inForceUntil = (until: number) => ({ from: 0, until });
    const ended = { lives: [life()], inForce: inForceUntil(window.from) };
    expect(stateOf(ended, 0)).toBe('missing');
    expect(stateOf(ended, 3)).toBe('partial');
    expect(stateOf({ lives: [life()], inForce: inForceUntil(window.until - 1) }, 3)).toBe(
      'partial',
    );
    expect(stateOf({ lives: [life()], inForce: inForceUntil(window.until) }, 0)).toBe('no-traffic');
  });

  describe('of a version that not every process knows', () => {
    const leaving = (changes: Partial<Life> = {}) => {
      const heardAt = noon - 10 * s;
      return life({ knows: false, goodbye: true, heardAt, until: heardAt + 20 * s, ...changes });
    };

    it('is missing where no process that was there knew it, and partial where something is counted', () => {
      const unknowing = life({ knows: false });
      expect(stateOf({ lives: [unknowing] }, 0)).toBe('missing');
      expect(stateOf({ lives: [unknowing] }, 3)).toBe('partial');
      const later = life({ from: window.until + graceMs });
      expect(stateOf({ lives: [leaving({ heardAt: window.until }), later] }, 0)).toBe('missing');
    });

    it('is partial for ever where one that did not know it was there beside one that did', () => {
      const overlap = [life(), life({ knows: false })];
      expect(stateOf({ lives: overlap }, 0)).toBe('partial');
      expect(stateOf({ lives: overlap }, 3)).toBe('partial');
    });

    it('is complete from the goodbye on, or the end of the lease, of the last that did not know it', () => {
      expect(
        stateOf({ lives: [life(), leaving({ heardAt: noon, until: noon + 20 * s })] }, 3),
      ).toBe('complete');
      expect(stateOf({ lives: [life(), leaving({ heardAt: noon + 1 })] }, 3)).toBe('partial');
      const died = { goodbye: false, countedUntil: noon - 60 * s };
      expect(stateOf({ lives: [life(), leaving({ ...died, until: noon })] }, 3)).toBe('complete');
      expect(stateOf({ lives: [life(), leaving({ ...died, until: noon + 1 })] }, 3)).toBe(
        'partial',
      );
    });

    it('is partial where one that does not know it starts within the grace, and complete after that', () => {
      const from = (at: number) => life({ knows: false, from: at });
      expect(stateOf({ lives: [life(), from(window.until + graceMs - 1)] }, 3)).toBe('partial');
      expect(stateOf({ lives: [life(), from(window.until + graceMs)] }, 3)).toBe('complete');
    });

    it('is not touched by processes of a kind that does not feed it', () => {
      const intake = life({ producer: 'intake', knows: false });
      expect(stateOf({ lives: [life(), intake] }, 0)).toBe('no-traffic');
    });
  });

  describe('of a level', () => {
    const level = { lives: [life()], everyMinute: true };
    const hour = { from: noon, until: noon + 60 * minute };
    const now = longAfter + 60 * minute;
    const longLife = life({ countedUntil: now, heardAt: now, until: now + 20 * s });

    it('is missing where nobody measured it, never without traffic', () => {
      expect(stateOf(level, 0)).toBe('missing');
      expect(stateOf(level, 1)).toBe('complete');
    });

    it('is partial where it was measured in some of its minutes only', () => {
      const measured = { ...level, lives: [longLife], now };
      expect(stateOf(measured, 0, hour)).toBe('missing');
      expect(stateOf(measured, 59, hour)).toBe('partial');
      expect(stateOf(measured, 60, hour)).toBe('complete');
    });

    it('is partial while a measurement may still be on its way', () => {
      const behind = life({ countedUntil: window.until });
      expect(stateOf({ ...level, lives: [behind] }, 0)).toBe('partial');
    });
  });

  it('mends by itself when a process that was thought to be dead is heard of again', () => {
    const now = window.until + 2 * minute;
    const silent = life({
      heardAt: noon - minute,
      until: noon - 40 * s,
      countedUntil: noon - minute,
    });
    expect(stateOf({ lives: [silent], now }, 0)).toBe('missing');
    const heardAgain = life({ heardAt: now, until: now + 20 * s, countedUntil: now });
    expect(stateOf({ lives: [heardAgain], now }, 0)).toBe('no-traffic');
  });
});
