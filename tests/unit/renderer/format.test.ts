/** Figures as people read them: thousands apart, units, lengths of time in words, and a dash for what is not known. */
import { describe, expect, it } from 'vitest';
import * as format from '../../../renderer/text/format.ts';

describe('numbers', () => {
  it.each([
    [0, 0, '0'],
    [1234567, 0, '1,234,567'],
    [0.256, 2, '0.26'],
    [-1234.5, 1, '-1,234.5'],
  ])('%f with %i decimals', (value, digits, text) => expect(format.number(value, digits)).toBe(text));

  it('has a dash for what is not known', () => {
    for (const write of [
      format.number,
      format.figure,
      format.percent,
      format.bytes,
      format.count,
      format.duration,
    ])
      for (const value of [null, undefined, Number.NaN, Number.POSITIVE_INFINITY])
        expect(write(value)).toBe('–');
  });

  it.each([
    [0, '0'],
    [0.000213, '2.1e-4'],
    [0.0123, '0.012'],
    [1.4249, '1.42'],
    [12.34, '12.3'],
    [1240.4, '1,240'],
    [3.1e11, '3.1e11'],
  ])('gives %f about three digits', (value, text) => expect(format.figure(value)).toBe(text));

  it('writes shares as percentages', () => {
    expect(format.percent(0.125, 1)).toBe('12.5 %');
    expect(format.percent(1)).toBe('100 %');
  });

  it('counts with the right word', () => {
    expect(format.plural(1, 'row')).toBe('1 row');
    expect(format.plural(0, 'row')).toBe('0 rows');
    expect(format.plural(2, 'entry', 'entries')).toBe('2 entries');
  });
});

describe('amounts', () => {
  it.each([
    [0, '0 B'],
    [999, '999 B'],
    [999.6, '1 kB'],
    [1000, '1 kB'],
    [1536, '1.5 kB'],
    [99_960, '100 kB'],
    [999_600, '1 MB'],
    [1.5e9, '1.5 GB'],
    [32e9, '32 GB'],
    [5e15, '5,000 TB'],
    [-1500, '-1.5 kB'],
  ])('%f bytes', (value, text) => expect(format.bytes(value)).toBe(text));

  it.each([
    [950, '950'],
    [1000, '1K'],
    [134.5e6, '135M'],
    [999.9e6, '1B'],
    [1.236e9, '1.2B'],
    [7e9, '7B'],
  ])('%f parameters', (value, text) => expect(format.count(value)).toBe(text));

  it('writes money and energy with their units', () => {
    expect(format.money(0, 'EUR')).toBe('0.00 EUR');
    expect(format.money(0.0042, 'EUR')).toBe('0.004 EUR');
    expect(format.money(0.0004, 'EUR')).toBe('less than 0.001 EUR');
    expect(format.money(12.3, 'CHF')).toBe('12.30 CHF');
    expect(format.energy(0.0009)).toBe('0.9 Wh');
    expect(format.energy(0.05)).toBe('50 Wh');
    expect(format.energy(1.234)).toBe('1.23 kWh');
  });

  it('writes speeds', () => {
    expect(format.speed(11.2e6)).toBe('11.2 MB/s');
    expect(format.speed(null)).toBe('–');
    expect(format.flops(3.1e11)).toBe('310 GFLOP/s');
    expect(format.flops(19.5e12)).toBe('19.5 TFLOP/s');
  });
});

describe('lengths of time', () => {
  it.each([
    [0, '0 s'],
    [0.4, '0.4 s'],
    [59.4, '59 s'],
    [59.6, '1 min'],
    [200, '3 min 20 s'],
    [3599, '59 min 59 s'],
    [3599.7, '1 h'],
    [3600, '1 h'],
    [7500, '2 h 5 min'],
    [7198, '2 h'],
    [90_000, '25 h'],
    [172_799, '2 days'],
    [260_000, '3 days'],
  ])('%f seconds', (seconds, text) => expect(format.duration(seconds)).toBe(text));

  it('never carries 60 of the smaller unit', () => {
    for (let seconds = 60; seconds < 200_000; seconds += 29.7)
      expect(format.duration(seconds)).not.toMatch(/\b60 (s|min)\b|days 24 h/);
  });

  it.each([
    [null, 'not known yet'],
    [20, 'less than a minute'],
    [70, 'about a minute'],
    [125, 'about 2 minutes'],
    [1480, 'about 25 minutes'],
    [3500, 'about an hour'],
    [5400, 'about an hour and a half'],
    [7300, 'about 2 hours'],
    [200_000, 'about 2 days'],
  ])('%s seconds as a person says them', (seconds, text) => expect(format.about(seconds)).toBe(text));

  it('says what is left only where that is known', () => {
    expect(format.left(125)).toBe('about 2 minutes left');
    expect(format.left(null)).toBe('');
  });
});

describe('dates', () => {
  const now = new Date(2026, 2, 3, 14, 30);

  it('writes day and time', () => {
    expect(format.date(now)).toBe('3 Mar 2026');
    expect(format.timeOfDay(now)).toBe('14:30');
    expect(format.dateTime(now)).toBe('3 Mar 2026, 14:30');
    expect(format.date('not a date')).toBe('–');
    expect(format.date(null)).toBe('–');
  });

  it.each([
    [new Date(2026, 2, 3, 14, 29, 30), 'just now'],
    [new Date(2026, 2, 3, 14, 29), '1 minute ago'],
    [new Date(2026, 2, 3, 13, 45), '45 minutes ago'],
    [new Date(2026, 2, 3, 9, 12), 'today 09:12'],
    [new Date(2026, 2, 2, 23, 1), 'yesterday 23:01'],
    [new Date(2026, 1, 1), '1 Feb 2026'],
    [new Date(2026, 2, 4, 8, 0), '4 Mar 2026, 08:00'],
  ])('says how long ago %s was', (time, text) => expect(format.ago(time, now)).toBe(text));
});
