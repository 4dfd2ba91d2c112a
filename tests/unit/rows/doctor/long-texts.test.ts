/** Texts for which a careless search takes minutes: each test here would run into the time limit. */
import { expect, it } from 'vitest';
import { mojibake } from '../../../../main/rows/doctor/checks/texts.ts';
import { questionKey } from '../../../../main/rows/doctor/language.ts';
import { findKeys } from '../../../../main/rows/doctor/personal.ts';
import { pair } from './clean-rows.ts';

it('takes marks off both ends of a text and leaves a long row of them within it', () => {
  const dots = '.'.repeat(300_000);
  expect(questionKey(` «What${dots}Now?» ${dots}`)).toBe(`what${dots}now`);
  expect(questionKey(dots)).toBe('');
});

it('repairs a book whose every letter is broken', () => {
  const book = 'αβγδεζηθικλμνξοπρστυφχψω '.repeat(12_000);
  const broken = Buffer.from(book, 'utf8').toString('latin1');
  const { turns } = mojibake.repair!(pair('Q', broken), () => ({
    tokens: 1,
    characters: 1,
    isCut: false,
    joinsBorder: false,
  }))!;
  expect(turns[1]!.content === book).toBe(true);
});

it('looks for passwords in addresses in a long row of short words', () => {
  expect(findKeys(`see ftp://anna@host: ${'a.'.repeat(200_000)}`)).toEqual([]);
});
