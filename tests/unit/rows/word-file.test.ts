import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { Rng } from '../../../main/rows/rng.ts';
import { WordFile } from '../../../main/rows/word-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'fettle-words-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A file with `count` words, and the words. */
function filled(count: number): [file: WordFile, words: Uint32Array] {
  const file = new WordFile(folder);
  const rng = Rng.fromSeed(count);
  const words = new Uint32Array(count).map(() => rng.nextU32());
  // pieces of any length, and words by themselves
  for (let done = 0; done < count; ) {
    const length = rng.below(done % 3 === 0 ? 40_000 : 100);
    file.append(words.subarray(done, done + length));
    done += length;
    if (done < count) file.push(words[done++]!);
  }
  return [file, words];
}

describe('a file of words', () => {
  it.each([0, 1, 16_383, 16_384, 16_385, 32_768, 100_001])('gives back %i words', (count) => {
    const [file, words] = filled(count);
    expect(file.length).toBe(count);
    expect(file.toArray()).toEqual(words);
    const pieces = [...file].map((piece) => piece.length);
    expect(pieces.reduce((sum, length) => sum + length, 0)).toBe(count);
    expect(pieces.slice(0, -1).every((length) => length % 2 === 0)).toBe(true);
    file.close();
  });

  it('is read anywhere, also while it grows and while it is gone through', () => {
    const [file, words] = filled(90_000);
    const rng = Rng.fromSeed(1);
    let row = 0;
    for (const piece of file) {
      for (const word of piece) expect(word === words[row++]).toBe(true);
      const at = rng.below(words.length);
      expect(file.at(at)).toBe(words[at]);
    }
    for (let i = 0; i < 5000; i++) {
      const start = rng.below(words.length - 100);
      const into = new Uint32Array(rng.below(100));
      file.copy(start, into);
      expect(into).toEqual(words.subarray(start, start + into.length));
      expect(file.at(start)).toBe(words[start]);
    }
    for (let i = 0; i < 40_000; i++) file.push(i);
    expect([file.at(89_999), file.at(90_000), file.at(129_999)]).toEqual([words[89_999], 0, 39_999]);
    expect(() => file.at(130_000)).toThrow('internal: word 130000 of 130000');
    file.close();
  });

  it('leaves nothing in its folder, and is empty once it is closed', () => {
    const [file] = filled(50_000);
    // Windows may keep the name until then
    file.close();
    expect(readdirSync(folder)).toEqual([]);
    expect([...file]).toEqual([]);
  });

  it('says in words where it cannot be written', () => {
    const file = new WordFile(join(folder, 'no\0folder'));
    const fill = () => {
      for (let i = 0; i < 20_000; i++) file.push(i);
    };
    expect(fill).toThrow();
  });
});
