/** What a record may carry: texts at the limits of UTF-8 and of what is written quickly, and bytes. */
import fc from 'fast-check';

export const anyText = fc.oneof(
  fc.string({ maxLength: 140 }),
  fc.string({ maxLength: 140, unit: 'binary' }),
  fc.string({ maxLength: 20, unit: fc.constantFrom('a', '\u007f', '\u0080', 'ä', '\ud800', '💥') }),
);

export const anyContent = fc.oneof(
  anyText,
  fc.uint8Array({ maxLength: 300 }).map(bytes => Buffer.from(bytes)),
);
