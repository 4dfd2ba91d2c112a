import { describe, expect, it } from 'vitest';
import { columnNames, isHeader } from '../../../../main/rows/columns.ts';
import { detectDialect, isTable, parseCells, quoteState } from '../../../../main/rows/readers/dialect.ts';

describe('detectDialect', () => {
  it.each([
    [['a,b', '1,2'], ',', '"', 2],
    [['a;b', '1,5;2', '3;4'], ';', '"', 2],
    [['a\tb', 'x, y\tz', 'p\tq'], '\t', '"', 2],
    [['a|b|c', '1|2|3'], '|', '"', 3],
    [['sep=;', 'a;b,c', '1;2,3'], ';', '"', 2],
    [['text', 'Hello, world; yes', 'One, two, three'], '\u001f', '"', 1],
    [['a,b', '"x, y","z', 'more"', 'p,q'], ',', '"', 2],
    [['a\tb', '"quoted start\tx', 'y\t"z', 'p\tq'], '\t', false, 2],
  ] as const)('%j', (lines, delimiter, quote, columns) => {
    expect(detectDialect(lines)).toMatchObject({ dialect: { delimiter, quote }, columns });
  });

  it('prefers the separator of the file’s name among equals', () => {
    const lines = ['a\tb,c', '1\t2,3'];
    expect(detectDialect(lines).dialect.delimiter).toBe(',');
    expect(detectDialect(lines, '\t').dialect.delimiter).toBe('\t');
  });

  it('is sure of a table only where every row has the same cells', () => {
    expect(isTable(['a,b', '1,2', '3,4'])).toBe(true);
    expect(isTable(['Hello, you.', 'How are you?', 'Well, thank you, friend.'])).toBe(false);
    expect(isTable(['a,b', '1,2'])).toBe(false);
  });

  it('keeps quotes inside a cell that does not begin with one', () => {
    expect(parseCells('5" pipe,"say ""x"""', { delimiter: ',', quote: '"' })).toEqual([
      ['5" pipe', 'say "x"'],
    ]);
  });
});

describe('quoteState', () => {
  it.each([
    ['a,b', false, 'closed'],
    ['a,"b', false, 'open'],
    ['"a","b"', false, 'closed'],
    ['"a ""b""', false, 'open'],
    ['5" pipe,x', false, 'closed'],
    ['5" pipe,"x', false, 'open'],
    ['"a" b,c', false, 'broken'],
    ['still inside', true, 'open'],
    ['the end",x', true, 'closed'],
    ['the end","x', true, 'open'],
    ['the end"', true, 'closed'],
    ['four,"4, and more"', true, 'broken'],
    ['""', false, 'closed'],
    ['"",""', false, 'closed'],
    ['', true, 'open'],
  ] as const)('after %j (inside: %s) is %s', (line, isOpen, state) => {
    expect(quoteState(line, ',', isOpen)).toBe(state);
  });
});

describe('isHeader', () => {
  it.each([
    [['question', 'answer'], [['a', 'b']], true],
    [['id', 'frage'], [['1', 'x']], true],
    [['', 'text'], [['0', 'x']], true],
    [
      ['alpha', 'beta'],
      [
        ['1', '2'],
        ['3', '4'],
      ],
      true,
    ],
    [['alpha', 'beta'], [['a long text that goes on and on and on', 'x']], true],
    [['The parcel came broken.', 'damage'], [['The bill is wrong.', 'payment']], false],
    [
      ['good film', 'positive'],
      [
        ['bad film', 'negative'],
        ['nice', 'positive'],
      ],
      false,
    ],
    [['1', '2'], [['3', '4']], false],
    [['a', 'a'], [['x', 'y']], false],
    [['name', ''], [['x', 'y']], false],
  ] as const)('%j over %j: %s', (first, rows, expected) => {
    expect(isHeader(first, rows)).toBe(expected);
  });

  it('gives every column a name of its own', () => {
    expect(columnNames([' a  b ', '', 'a b', 'c', 'a b'])).toEqual(['a b', 'column2', 'a b_2', 'c', 'a b_3']);
  });
});
