/** Numbers as they are typed, order and times of the queue, what the palette finds, which files can be picked. */
import { afterEach, describe, expect, it } from 'vitest';
import { useLanguage } from '../../../common/words/language.ts';
import { choosable, matching, moved, nextTime, scoreOf } from '../../../renderer/parts/lists.ts';
import { readNumber, stepped, writeNumber } from '../../../renderer/ui/NumberField.svelte';

describe('a number field', () => {
  it.each([
    ['2e-4', 2e-4],
    ['0,5', 0.5],
    ['1 000', 1000],
    ['1,000', 1000],
    ['1,000.5', 1000.5],
    ['0,001', 0.001],
    [' -3 ', -3],
    // as an input method writes them
    ['１２．５', 12.5],
    ['－３', -3],
    ['', null],
  ])('reads "%s"', (text, value) => expect(readNumber(text)).toEqual({ value, problem: null }));

  it('says what it expected', () => {
    expect(readNumber('many', 1, 10)).toEqual({ value: null, problem: 'Enter a number from 1 to 10.' });
    expect(readNumber('11', 1, 10).problem).toContain('from 1 to 10');
    expect(readNumber('0', 0.0001).problem).toContain('at least 0.0001');
    expect(readNumber('1e999').problem).toBe('Enter a number.');
  });

  it('writes what it can read again', () => {
    for (const value of [0, 1e-7, 2e-4, 0.001, 0.5, 38, 1e6, -3])
      expect(readNumber(writeNumber(value)).value).toBe(value);
    expect(writeNumber(2e-4)).toBe('2e-4');
    expect(writeNumber(null)).toBe('');
  });

  it('steps without the noise of binary fractions, inside its bounds', () => {
    expect(stepped(0.1, 0.2)).toBe(0.3);
    expect(stepped(0.0002, 0.0001)).toBe(0.0003);
    expect(stepped(10, 1, 0, 10)).toBe(10);
    expect(stepped(null, 1, 5)).toBe(6);
  });
});

describe('a number field in German', () => {
  afterEach(() => useLanguage('en'));

  it.each([
    ['0,5', 0.5],
    ['0.5', 0.5],
    ['0.001', 0.001],
    ['1.000', 1000],
    ['1.000,5', 1000.5],
    ['2,5e-4', 2.5e-4],
    ['1.2.3', null],
  ])('reads "%s"', async (text, value) => {
    await useLanguage('de');
    expect(readNumber(text).value).toBe(value);
  });

  it('writes a comma, and what it can read again', async () => {
    await useLanguage('de');
    expect(writeNumber(0.25)).toBe('0,25');
    expect(writeNumber(2.5e-4)).toBe('2,5e-4');
    for (const value of [0, 1e-7, 2.5e-4, 0.001, 0.125, 1.234, 1234.5, 1e6, -3])
      expect(readNumber(writeNumber(value)).value).toBe(value);
  });
});

describe('the queue', () => {
  it('moves one job and keeps the others in order', () => {
    expect(moved(['a', 'b', 'c'], 0, 1)).toEqual(['b', 'a', 'c']);
    expect(moved(['a', 'b', 'c'], 2, -1)).toEqual(['a', 'c', 'b']);
    expect(moved(['a', 'b'], 0, -1)).toEqual(['a', 'b']);
    expect(moved(['a', 'b'], 1, 1)).toEqual(['a', 'b']);
  });

  it('starts at the next time that the clock shows', () => {
    const now = new Date(2026, 2, 3, 14, 30);
    expect(nextTime('22:00', now)).toEqual(new Date(2026, 2, 3, 22, 0));
    expect(nextTime('06:00', now)).toEqual(new Date(2026, 2, 4, 6, 0));
    expect(nextTime('14:30', now)).toEqual(new Date(2026, 2, 4, 14, 30));
  });

  it.each(['', '25:00', '12', '12:60', 'noon'])('%j is no time', (clock) => {
    expect(nextTime(clock, new Date())).toBeNull();
  });
});

describe('finding', () => {
  const items = [
    { label: 'Settings' },
    { label: 'Show all settings' },
    { label: 'Models', words: 'llama hub' },
    { label: 'History' },
  ];

  it('wants every word, and prefers what begins with it', () => {
    expect(matching('set', items).map((item) => item.label)).toEqual(['Settings', 'Show all settings']);
    expect(matching('all set', items)).toEqual([items[1]]);
    expect(matching('HUB', items)).toEqual([items[2]]);
    expect(matching('none', items)).toEqual([]);
  });

  it('keeps the order for an empty query, and no more than asked for', () => {
    expect(matching('', items, 2)).toEqual(items.slice(0, 2));
    expect(scoreOf('', { label: 'x' })).toBeGreaterThan(0);
  });
});

describe('picking a path', () => {
  const entry = (name: string, kind: 'file' | 'folder' = 'file') => ({
    name,
    kind,
    path: `/x/${name}`,
    bytes: 1,
  });

  it('offers what fits', () => {
    expect(choosable('data', entry('rows.JSONL'))).toBe(true);
    expect(choosable('data', entry('rows.jsonl.gz'))).toBe(true);
    expect(choosable('data', entry('photo.png'))).toBe(false);
    expect(choosable('gguf', entry('model.gguf'))).toBe(true);
    expect(choosable('gguf', entry('folder.gguf', 'folder'))).toBe(false);
    expect(choosable('folder', entry('rows.csv'))).toBe(false);
  });
});
