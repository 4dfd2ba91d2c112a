/** Figures as people read them: thousands apart, units, lengths of time in words, and a dash for what is not known. */
import { describe, expect, it } from 'vitest';
import * as format from '../../../common/words/format.ts';
import { useLanguage } from '../../../common/words/language.ts';
import { marks } from '../../../common/words/marks.ts';

/** `_` stands for the space that keeps a number with its unit. */
const held = (text: string) => text.replaceAll('_', '\u00a0');

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
    expect(format.percent(0.125, 1)).toBe('12.5%');
    expect(format.percent(1)).toBe('100%');
  });

  it('counts with the right word', () => {
    expect(format.plural(1, 'row')).toBe('1 row');
    expect(format.plural(0, 'row')).toBe('0 rows');
    expect(format.plural(2, 'entry', 'entries')).toBe('2 entries');
  });
});

describe('amounts', () => {
  it.each([
    [0, '0_B'],
    [999, '999_B'],
    [999.6, '1_kB'],
    [1000, '1_kB'],
    [1536, '1.5_kB'],
    [99_960, '100_kB'],
    [999_600, '1_MB'],
    [1.5e9, '1.5_GB'],
    [32e9, '32_GB'],
    [5e15, '5,000_TB'],
    [-1500, '-1.5_kB'],
  ])('%f bytes', (value, text) => expect(format.bytes(value)).toBe(held(text)));

  // MiB that nvidia-smi gives
  it.each([
    ['H100', 81_559, 80],
    ['GeForce RTX 4090', 24_564, 24],
    ['GeForce RTX 3060 Laptop', 6144, 6],
    ['H200', 143_771, 141],
    ['GeForce RTX 4080', 16_376, 16],
  ])('says as what a card is sold: %s, %d MiB, %d GB', (_, mebibytes, size) => {
    expect(format.soldAs(mebibytes * 2 ** 20)).toBe(` (sold as ${size}\u00a0GB)`);
  });

  it.each([
    ['reads the same: an L4 of 24 GB, of which a part checks the rest', 23_034 * 2 ** 20],
    ['is of no usual size', 7.4e9],
    ['is a part of the processor’s memory', 0.5e9],
    ['is more than any card has', 300e9],
  ])('nothing is said of a card that %s', (_, total) => expect(format.soldAs(total)).toBe(''));

  it.each([
    [950, '950'],
    [1000, '1K'],
    [134.5e6, '135M'],
    [999.9e6, '1B'],
    [1.236e9, '1.2B'],
    [7e9, '7B'],
  ])('%f parameters', (value, text) => expect(format.count(value)).toBe(text));

  it('writes money and energy with their units', () => {
    expect(format.money(0, 'EUR')).toBe(held('0.00_EUR'));
    expect(format.money(0.0042, 'EUR')).toBe(held('0.004_EUR'));
    expect(format.money(0.0004, 'EUR')).toBe(held('less than 0.001_EUR'));
    expect(format.money(12.3, 'CHF')).toBe(held('12.30_CHF'));
    expect(format.energy(0.0009)).toBe(held('0.9_Wh'));
    expect(format.energy(0.05)).toBe(held('50_Wh'));
    expect(format.energy(1.234)).toBe(held('1.23_kWh'));
  });

  it('writes speeds', () => {
    expect(format.speed(11.2e6)).toBe(held('11.2_MB/s'));
    expect(format.speed(null)).toBe('–');
    expect(format.flops(3.1e11)).toBe(held('310_GFLOP/s'));
    expect(format.flops(19.5e12)).toBe(held('19.5_TFLOP/s'));
  });
});

describe('lengths of time', () => {
  it.each([
    [0, '0_s'],
    [0.4, '0.4_s'],
    [59.4, '59_s'],
    [59.6, '1_min'],
    [200, '3_min 20_s'],
    [599, '9_min 59_s'],
    [3129, '52_min'],
    [3599, '1_h'],
    [3599.7, '1_h'],
    [3600, '1_h'],
    [7500, '2_h 5_min'],
    [7198, '2_h'],
    [90_000, '25_h'],
    [172_799, '2_days'],
    [260_000, '3_days'],
  ])('%f seconds', (seconds, text) => expect(format.duration(seconds)).toBe(held(text)));

  it('never carries 60 of the smaller unit', () => {
    for (let seconds = 60; seconds < 200_000; seconds += 29.7)
      expect(format.duration(seconds)).not.toMatch(/\b60\s(s|min)\b|days 24\sh/);
  });

  it.each([
    [null, 'not known yet'],
    [20, 'under a minute'],
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

describe('a sentence from elsewhere', () => {
  it.each([
    ['0 % -> 82 % of 100 rows right', '0% -> 82% of 100 rows right'],
    [
      'It needs 14 GB, and 1.5 GB/s at 310 GFLOP/s for 2 h 5 min.',
      'It needs 14_GB, and 1.5_GB/s at 310_GFLOP/s for 2_h 5_min.',
    ],
    ['4 bits, 3 sentences, 2 Whales and a plan B', '4 bits, 3 sentences, 2 Whales and a plan B'],
  ])('%s', (text, expected) => expect(format.withUnits(text)).toBe(held(expected)));
});

describe('French', () => {
  it('counts octets, and has a space before a colon', async () => {
    await useLanguage('fr');
    try {
      expect(`Entraînement${marks().colon}étape 2`).toBe('Entraînement\u202f: étape 2');
      expect([15e5, 26e8, 512].map((bytes) => format.bytes(bytes))).toEqual([
        held('1,5_Mo'),
        held('2,6_Go'),
        held('512_o'),
      ]);
      expect(format.bytesRange(19e8, 23e8)).toBe(held('1,9 à 2,3_Go'));
      expect(format.withUnits('1,5 GB/s et un plan B')).toBe(held('1,5_Go/s et un plan B'));
    } finally {
      await useLanguage('en');
    }
  });
});

describe('tokens a second', () => {
  it('are written in the language of the page', async () => {
    expect(format.rate(1240)).toBe(held('1,240_tokens/s'));
    await useLanguage('de');
    try {
      expect(format.rate(1240)).toBe(held('1.240_Tokens/s'));
      expect(format.rate(3.24)).toBe(held('3,2_Tokens/s'));
      expect(format.withUnits('etwa 12 Tokens/s')).toBe(held('etwa 12_Tokens/s'));
    } finally {
      await useLanguage('en');
    }
  });
});

describe('percent', () => {
  it.each([
    ['en', '86%'],
    ['de', '86_%'],
    ['fr', '86_%'],
    ['ja', '86%'],
    ['zh', '86%'],
  ] as const)('in %s', async (code, expected) => {
    await useLanguage(code);
    try {
      expect(format.percent(0.86)).toBe(held(expected));
    } finally {
      await useLanguage('en');
    }
  });
});
