import { Screen } from '../../../src/cli/terminal/screen';

/** What a terminal of this size was sent. */
function terminal(columns: number, rows: number) {
  const sent: string[] = [];
  const screen = new Screen({ columns, rows, write: chunk => sent.push(String(chunk)) > 0 });
  return { screen, sent };
}

describe('a block of lines on a terminal', () => {
  it('is drawn over the one before, whose lines may have taken several rows', () => {
    const { screen, sent } = terminal(10, 24);
    screen.draw(['one', 'two rows are needed', '']);
    screen.draw(['one']);
    expect(sent).toEqual(['one\ntwo rows are needed\n\n', '\x1b[4F\x1b[0Jone\n']);
  });

  it('never takes more rows than there are, since it could not be drawn over any more', () => {
    const { screen, sent } = terminal(10, 5);
    screen.draw(['1', '2', '3', '4']);
    screen.draw(['1', 'two rows are', '3', '4']);
    screen.draw(['1']);
    expect(sent).toEqual([
      '1\n2\n3\n4\n',
      '\x1b[4F\x1b[0J1\ntwo rows are\n… 2 more\n',
      '\x1b[4F\x1b[0J1\n',
    ]);
  });
});
