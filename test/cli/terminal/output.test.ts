import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { interruptible } from '../../../src/cli/terminal/interrupt';
import { outliveReaders, table } from '../../../src/cli/terminal/output';

describe('a program that outlives its readers', () => {
  const streams = [process.stdout, process.stderr] as const;
  const before = streams.map(stream => stream.listeners('error'));
  beforeAll(outliveReaders);
  afterAll(() => {
    for (const [place, stream] of streams.entries()) {
      for (const listener of stream.listeners('error')) {
        if (!before[place]!.includes(listener)) stream.off('error', listener as () => void);
      }
    }
  });

  const fail = (stream: NodeJS.WriteStream, code: string) =>
    stream.emit('error', Object.assign(new Error(code), { code }));

  it('ends what runs until it is interrupted once nobody reads the answer', async () => {
    await interruptible(async signal => {
      fail(process.stderr, 'EPIPE');
      expect(signal.aborted).toBe(false);
      fail(process.stdout, 'EPIPE');
      expect(signal.aborted).toBe(true);
    });
  });

  it('still fails where an answer can not be written for another reason', () => {
    expect(() => fail(process.stdout, 'ENOSPC')).toThrow('ENOSPC');
  });
});

describe('the end of the program', () => {
  const output = join(__dirname, '../../../dist/cli/terminal/output.js');
  const start = (end: string) =>
    spawn(process.execPath, [
      '-e',
      `const { endWith, outliveReaders, print } = require('${output}');
       outliveReaders(); print('x'.repeat(1_000_000)); ${end}`,
    ]);

  it('waits for a reader of a pipe that takes its time', async () => {
    const child = start('process.stderr.write("written"); void endWith(3);');
    const exit = once(child, 'close');
    await once(child.stderr, 'data');
    let length = 0;
    for await (const chunk of child.stdout) length += chunk.length;
    expect(length).toBe(1_000_001);
    expect(await exit).toEqual([3, null]);
  });

  it('does not wait for one that has gone', async () => {
    const child = start('void endWith(3);');
    child.stdout.destroy();
    expect(await once(child, 'exit')).toEqual([3, null]);
  });
});

describe('a table', () => {
  it('makes each column as wide as its widest cell, and numbers flush right', () => {
    const rows = [
      ['product', 'on hand'],
      ['TEA-100', '5'],
      ['A', '12000000'],
    ];
    expect(table(rows, new Set([1]))).toBe(
      ['product   on hand', 'TEA-100         5', 'A        12000000'].join('\n'),
    );
  });

  it('leaves no blanks at the ends of lines', () => {
    expect(
      table([
        ['a', 'long'],
        ['b', 'x'],
      ]),
    ).toBe('a  long\nb  x');
  });
});
