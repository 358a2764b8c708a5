/** The kinds of values that the configuration holds, each read from a text. */
import { z } from 'zod';

export const flag = z.enum(['true', 'false']).transform(value => value === 'true');
export const port = z.coerce.number().int().min(0).max(65_535);
export const count = (fallback: number, largest = Number.MAX_SAFE_INTEGER) =>
  z.coerce.number().int().positive().max(largest).default(fallback);

/** `name=value,name=value`, each name once. */
export const pairs = <Name extends string, Value>(
  name: z.ZodType<Name, string>,
  value: z.ZodType<Value, string>,
) =>
  z
    .string()
    .transform(list => list.split(',').map(pairOf))
    .pipe(z.array(z.tuple([name, value])))
    .refine(
      entries => new Set(entries.map(([key]) => key)).size === entries.length,
      'names something twice',
    );

function pairOf(text: string): [string, string] {
  const [name = '', ...value] = text.trim().split('=');
  return [name, value.join('=')];
}

export const partnerName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,31}$/, 'must be 1 to 32 of a-z 0-9 -');
export const partnerUrl = z
  .url({ protocol: /^https?$/ })
  .transform(url => (url.endsWith('/') ? url.slice(0, -1) : url));
const isHostAndPort = (text: string): boolean =>
  /^([^\s:/]+|\[[\da-f:.]+\]):\d{1,5}$/i.test(text.trim());
export const hostAndPort = z.string().refine(isHostAndPort, 'must be host:port');
export const hostsAndPorts = z
  .string()
  .refine(list => list.split(',').every(isHostAndPort), 'must be host:port, separated by commas');
export const postgresUrl = z
  .string()
  .regex(/^postgres(ql)?:\/\//, 'must begin with postgres:// or postgresql://');
export const minorUnits = z
  .string()
  .regex(/^\d{1,15}$/, 'must be digits')
  .transform(Number);
