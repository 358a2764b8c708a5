/** What is wrong with requests that anybody may have sent to an order; undefined where nothing is. */

/** Of `by` (1 to 100 characters) and `reason` (1 to 200 characters, or absent). */
export function textFault({ by, reason }: { by?: unknown; reason?: unknown }): string | undefined {
  if (!isText(by, 100)) return 'by is not a text of 1 to 100 characters';
  if (reason !== undefined && !isText(reason, 200)) {
    return 'reason is not a text of 1 to 200 characters';
  }
  return undefined;
}

/** Of a new shipping address; the fields and bounds are those of `OrderReceived`. */
export function addressFault(asked: unknown): string | undefined {
  if (typeof asked !== 'object' || asked === null) return 'it is no object';
  const address = asked as Readonly<Record<string, unknown>>;
  for (const [field, longest] of required) {
    if (!isText(address[field], longest))
      return `${field} is not a text of 1 to ${longest} characters`;
  }
  if (address.line2 !== undefined && !isText(address.line2, 200)) {
    return 'line2 is not a text of 1 to 200 characters';
  }
  const { country } = address;
  if (country !== undefined && !(typeof country === 'string' && /^[A-Z]{2}$/.test(country))) {
    return 'country is not an ISO 3166-1 alpha-2 code in capitals, such as US';
  }
  return undefined;
}

const required = [
  ['line1', 200],
  ['city', 100],
  ['state', 100],
  ['postalCode', 20],
] as const;

const isText = (value: unknown, longest: number): boolean =>
  typeof value === 'string' &&
  value.trim() !== '' &&
  [...value].length <= longest &&
  !/[\p{Cc}\p{Cs}]/u.test(value);
