import { describe, expect, it } from 'vitest';
import {
  bytes,
  COLOURED,
  count,
  duration,
  harmless,
  loss,
  number,
  plural,
  printable,
  rate,
  within,
} from '../../../main/cli/words.ts';

describe('harmless', () => {
  const written = (text: string) => {
    const all: string[] = [];
    harmless({ write: (some) => all.push(some) }).write(text);
    return all.join('');
  };

  it.each([
    ['a name of the window', '\u001b]0;owned\u0007card', ']0;ownedcard'],
    ['a clipboard', '\u001b]52;c;ZWNobw==\u001b\\x', ']52;c;ZWNobw==\\x'],
    ['a cursor', 'a\u001b[2J\u001b[1;1Hb', 'a[2J[1;1Hb'],
    ['eight bits', 'a\u009b2Jb\u0085', 'a2Jb'],
    ['a bell before what looks like Fettle’s own', 'a\u0007[2Kb', 'a[2Kb'],
    ['a bell and a step back', 'a\u0007\bb\u007f', 'ab'],
  ])('keeps %s from the terminal', (_, text, left) => expect(written(text)).toBe(left));

  it('lets through what Fettle draws with', () => {
    const own = `${COLOURED.warning('warning:')} a\tb\n\r\u001b[K50%\r\u001b[2Kdone\r\n`;
    expect(written(own)).toBe(own);
  });

  it('is as wide as the terminal, and as much of one', () => {
    expect(harmless({ isTTY: true, columns: 80, write: () => {} })).toMatchObject({
      isTTY: true,
      columns: 80,
    });
  });
});

describe('words', () => {
  it.each([
    [0, '0 s'],
    [9.96, '10 s'],
    [59.4, '59 s'],
    [59.6, '1 min'],
    [80, '1 min 20 s'],
    [599, '9 min 59 s'],
    [1500, '25 min'],
    [3569, '59 min'],
    [3599, '1 h'],
    [5000, '1 h 23 min'],
    [86_400, '24 h'],
    [100_000, '27 h 47 min'],
    [200_000, '2 days 8 h'],
    [Number.POSITIVE_INFINITY, '–'],
  ])('says %d seconds as %s', (seconds, text) => {
    expect(duration(seconds)).toBe(text);
  });

  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [1500, '1.5 kB'],
    [94_000_000, '94 MB'],
    [999_600_000, '1 GB'],
    [1.94e9, '1.9 GB'],
    [12.3e12, '12.3 TB'],
  ])('says %d bytes as %s', (value, text) => {
    expect(bytes(value)).toBe(text);
  });

  it('writes numbers with separators and units', () => {
    expect(number(1234567.4)).toBe('1,234,567');
    expect(plural(1, 'row')).toBe('1 row');
    expect(plural(2000, 'row')).toBe('2,000 rows');
    expect(count(134_515_008)).toBe('135M');
    expect(count(7.24e9)).toBe('7.2B');
    expect(count(880)).toBe('880');
    expect(rate(4.26)).toBe('4.3 tokens/s');
    expect(rate(1234.5)).toBe('1,235 tokens/s');
  });

  it('takes out what moves the cursor', () => {
    expect(printable('a\u001b[2Jb\r\n\tc\u0007\u009b')).toBe('a[2Jb\n\tc');
    expect(printable('photo\u202egnp.exe\u2066\u200f')).toBe('photognp.exe');
  });

  it('keeps the lines of a name from looking like lines of its own', () => {
    expect(within('a\nerror: b\u2028c', '  ')).toBe('a\n  error: b\n  c');
  });

  it('writes losses so that steps can be told apart', () => {
    expect(loss(2.34567)).toBe('2.346');
    expect(loss(0.0123456)).toBe('0.0123');
    expect(loss(Number.NaN)).toBe('NaN');
    expect(loss(1234567)).toBe('1,234,567.000');
    expect(loss(1.3114e30)).toBe('1.3e+30');
  });
});
