/** What code puts together reads as its language writes it: with spaces, or with wide marks and none. */
import { afterEach, describe, expect, it } from 'vitest';
import { dateTime, duration, left, measure, percent, rate, withUnits } from '../../../common/words/format.ts';
import { inEnglish, type Language, useLanguage } from '../../../common/words/language.ts';
import { marks } from '../../../common/words/marks.ts';
import { leftOutWords } from '../../../common/words/run.ts';

afterEach(() => useLanguage('en'));

const LEFT_OUT = { unreadable: 3, tooLong: 2, empty: 0 };

describe('parts that code joins', () => {
  it.each<[Language, string]>([
    ['en', '5 rows left out: unreadable (3), answer beyond the length limit (2)'],
    ['ja', '5行を除外しました：読み取れません (3)、答えが長さの上限を超えています (2)'],
  ])('stand in a row in %s', async (language, words) => {
    await useLanguage(language);
    expect(leftOutWords(LEFT_OUT)).toBe(words);
  });

  it('have no spaces between sentences in Japanese and Chinese, and one elsewhere', async () => {
    for (const [language, gap] of [
      ['en', ' '],
      ['de', ' '],
      ['fr', ' '],
      ['ja', ''],
      ['zh', ''],
    ] as const) {
      await useLanguage(language);
      expect(marks().gap).toBe(gap);
    }
  });

  it('are English in what goes out in English', async () => {
    await useLanguage('ja');
    expect(inEnglish(() => leftOutWords(LEFT_OUT))).toContain('unreadable (3), answer');
  });
});

describe('figures in Japanese', () => {
  it('stand close to their counters, and to Latin units with a space that holds', async () => {
    await useLanguage('ja');
    expect(percent(0.125, 1)).toBe('12.5%');
    expect(duration(200)).toBe('3分20秒');
    expect(duration(7500)).toBe('2時間5分');
    expect(left(200)).toBe('残り約3分');
    expect(rate(1240)).toBe('1,240トークン/秒');
    expect(measure('12', 'GB')).toBe('12\u00a0GB');
    expect(withUnits('空きは12 GBです')).toBe('空きは12\u00a0GBです');
    expect(dateTime(new Date(2026, 2, 14, 9, 5).getTime())).toBe('2026年3月14日 09:05');
  });
});

it('writes figures in Chinese with a space beside digits', async () => {
  await useLanguage('zh');
  const spaced = (text: string | undefined) => text?.replaceAll('\u00a0', ' ');
  expect(spaced(duration(200))).toBe('3 分钟 20 秒');
  expect(spaced(rate(1240))).toBe('1,240 词元/秒');
  expect(left(200)).toBe('还剩约 3 分钟');
  expect(leftOutWords(LEFT_OUT)).toContain('无法读取 (3)，答案');
});
