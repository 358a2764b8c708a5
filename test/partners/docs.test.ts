import { readFileSync } from 'node:fs';
import { fields } from '../../src/cli/partners/behaviours';
import {
  carrierBehaviour,
  paymentBehaviour,
  warehouseBehaviour,
} from '../../src/partners/behaviour';
import { refusalStatuses } from '../../src/partners/refusal';

const cells = readFileSync('docs/partners.md', 'utf8')
  .split('\n')
  .filter(line => line.startsWith('| `'))
  .map(line => line.slice(2, -2).split(' | '));

describe('docs/partners.md', () => {
  it('lists every refusal with its status', () => {
    const listed = cells.filter(([code]) => /^`[A-Z][A-Za-z]+`$/.test(code ?? ''));
    expect(listed.map(([code, status]) => [code, status])).toEqual(
      Object.entries(refusalStatuses).map(([code, status]) => [`\`${code}\``, String(status)]),
    );
  });

  it('lists every trouble with its option, and who has it', () => {
    const who = [
      ['payment providers', paymentBehaviour],
      ['carrier', carrierBehaviour],
      ['warehouse', warehouseBehaviour],
    ] as const;
    const listed = cells.filter(([, option]) => option?.startsWith('`--'));
    expect(listed.map(([field, option, those]) => [field, option, those])).toEqual(
      Object.entries(fields).map(([field, option]) => {
        const those = who.filter(([, schema]) => field in schema.shape).map(([name]) => name);
        return [
          `\`${field}\``,
          `\`--${option}\``,
          those.length === who.length ? 'all' : those.join(', '),
        ];
      }),
    );
  });
});
