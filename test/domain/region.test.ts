import fc from 'fast-check';
import { regionOf } from '../../src/domain/region';

describe('the region of an address', () => {
  it.each([
    [{ country: 'US', state: 'CA' }, 'US-CA'],
    [{ state: 'CA' }, 'CA'],
    [{ country: 'us', state: ' ca ' }, 'US-CA'],
    [{ country: 'US', state: 'New   York' }, 'US-NEW YORK'],
    [{ country: 'FR', state: 'I\u0302le-de-France' }, 'FR-ÎLE-DE-FRANCE'],
    [{ state: 'a'.repeat(100) }, 'A'.repeat(32)],
    [{ state: 'ß'.repeat(32) }, 'S'.repeat(32)],
    [{ state: `${'a'.repeat(31)}😀` }, 'A'.repeat(31)],
    [{ state: `${'a'.repeat(31)} b` }, 'A'.repeat(31)],
  ])('of %j is %s', (address, region) => {
    expect(regionOf(address)).toBe(region);
  });

  it('is short, well-formed and its own region', () => {
    const state = fc.string({ unit: 'grapheme', maxLength: 100 });
    fc.assert(
      fc.property(state, text => {
        const region = regionOf({ state: text });
        expect(region.length).toBeLessThanOrEqual(32);
        expect(region).not.toMatch(/\p{Cs}/u);
        expect(regionOf({ state: region })).toBe(region);
      }),
    );
  });
});
