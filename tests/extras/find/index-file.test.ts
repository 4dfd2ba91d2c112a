import { existsSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FilePassage } from '../../../common/protocol/protocol.ts';
import { FolderIndex, removeIndex } from '../../../main/extras/find/index-file.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';

let made: ReturnType<typeof temporaryFolder>;
let index: FolderIndex;

beforeEach(() => {
  made = temporaryFolder();
  index = FolderIndex.open(path.join(made.folder, 'find', 'one.db'), '/docs');
});
afterEach(() => {
  index.close();
  made.remove();
});

const passage = (text: string, more: Partial<FilePassage> = {}): FilePassage => ({
  ...{ text, heading: '', page: null },
  ...more,
});
const put = (name: string, texts: readonly string[]) =>
  index.put(
    { path: name, bytes: 1, changed: 1, hash: name },
    { passages: texts.map((text) => passage(text)), isCut: false },
  );
const texts = (ids: readonly { readonly id: number }[]) =>
  index.passages(ids.map(({ id }) => id)).map(({ text }) => text);

/** BM25 as SQLite documents it: k1 1.2, b 0.75, and the logarithm of how few texts have a word. */
function bm25(documents: readonly string[], question: string): number[] {
  const split = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
  const words = documents.map(split);
  const mean = words.reduce((sum, { length }) => sum + length, 0) / words.length;
  return words.map((own) =>
    split(question).reduce((sum, word) => {
      const having = words.filter((one) => one.includes(word)).length;
      const idf = Math.log((words.length - having + 0.5) / (having + 0.5));
      const count = own.filter((one) => one === word).length;
      const weight = (count * 2.2) / (count + 1.2 * (0.25 + (0.75 * own.length) / mean));
      return sum + Math.max(idf, 1e-6) * weight;
    }, 0),
  );
}

describe('finding by words', () => {
  const DOCUMENTS = [
    'The dog tax is due in March, and every dog needs a tag.',
    'Cats need no tag and no tax.',
    'Parking in the old town costs two euros an hour.',
    'The library is closed on Monday. Books are due after four weeks.',
    'A dog on a lead may go into the park.',
    'The swimming pool opens in May.',
  ];

  it('has the scores of the formula', () => {
    put('all.txt', DOCUMENTS);
    for (const question of ['dog tag', 'When is the library open?', 'tax due March']) {
      const expected = bm25(DOCUMENTS, question);
      const found = index.byWords(question, 10);
      expect(found.length).toBe(expected.filter((score) => score > 0).length);
      for (const { id, score } of found) {
        const [text] = texts([{ id }]);
        expect(score).toBeCloseTo(expected[DOCUMENTS.indexOf(text!)]!, 5);
      }
      expect(found.map(({ score }) => score)).toEqual(
        found.map(({ score }) => score).toSorted((a, b) => b - a),
      );
    }
  });

  it('takes a question as words alone, whatever signs are in it', () => {
    put('all.txt', DOCUMENTS);
    for (const question of [
      '"dog" OR',
      'NEAR(dog tag)',
      'text:dog*',
      "dog'; drop table passages; --",
      '-dog ^ ( )',
    ])
      expect(texts(index.byWords(question, 1))[0]).toMatch(/dog/i);
    expect(index.byWords('?! *', 5)).toEqual([]);
    expect(index.byWords('', 5)).toEqual([]);
  });

  it('finds texts in scripts without spaces by any two signs in a row', () => {
    put('zh.txt', ['退款要多少天到账？', '快递什么时候送到', '返品の送料はいくらですか']);
    expect(texts(index.byWords('我的退款', 5))).toEqual(['退款要多少天到账？']);
    expect(texts(index.byWords('送料', 5))).toEqual(['返品の送料はいくらですか']);
    expect(index.byWords('款退', 5)).toEqual([]);
  });

  it('knows nothing more of what was changed or removed', () => {
    put('a.txt', ['apple pie', 'banana bread']);
    put('b.txt', ['banana split']);
    put('a.txt', ['apple pie', 'cherry cake']);
    expect(texts(index.byWords('banana', 5))).toEqual(['banana split']);
    index.remove(index.files().flatMap(({ id, path: name }) => (name === 'b.txt' ? [id] : [])));
    expect(index.byWords('banana', 5)).toEqual([]);
    expect(index.counts()).toEqual({ files: 1, passages: 2 });
  });
});

describe('vectors', () => {
  const encoder = () => index.encoder({ hash: 'abc', name: 'tiny', width: 2 });
  const read = () => {
    const of = encoder();
    const unread = index.unread(of.id, 100);
    index.keep(
      of,
      unread.map(({ id }) => id),
      Float32Array.from(unread.flatMap(({ text }) => [text.length, 1])),
    );
    return unread.map(({ text }) => text);
  };

  it('are kept for passages whose text stayed, and gone with the others', () => {
    put('a.csv', ['one', 'three', 'seven']);
    expect(read()).toEqual(['one', 'three', 'seven']);
    put('a.csv', ['zero', 'three', 'one']);
    expect(read()).toEqual(['zero']);
    const { passages, vectors } = index.vectors(encoder());
    expect(texts([...passages].map((id) => ({ id }))).map((text) => text.length)).toEqual(
      [...vectors].filter((_, i) => i % 2 === 0),
    );
    expect(passages).toHaveLength(3);
  });

  it('of the same text twice are two', () => {
    put('a.csv', ['same', 'same']);
    expect(read()).toHaveLength(2);
    put('a.csv', ['same', 'same', 'same']);
    expect(read()).toEqual(['same']);
  });

  it('of a passage that is gone meanwhile are left out', () => {
    put('a.csv', ['one', 'two']);
    const of = encoder();
    const [one, two] = index.unread(of.id, 2);
    put('a.csv', ['two']);
    index.keep(of, [one!.id, two!.id], Float32Array.from([1, 2, 3, 4]));
    expect([...index.vectors(of).vectors]).toEqual([3, 4]);
  });

  it('are each encoder’s own', () => {
    put('a.csv', ['one']);
    read();
    const other = index.encoder({ hash: 'def', name: 'other', width: 3 });
    expect(index.unread(other.id, 5)).toHaveLength(1);
    expect(index.vectors(other).passages).toHaveLength(0);
    expect(index.encoder({ hash: 'abc', name: 'renamed', width: 2 }).id).toBe(encoder().id);
  });
});

describe('the file', () => {
  it('is opened again with all that was kept', () => {
    put('a.txt', ['apple']);
    index.close();
    index = FolderIndex.open(index.file, '/elsewhere');
    expect([index.folder, index.counts().passages]).toEqual(['/docs', 1]);
  });

  it('is begun again where it is damaged or of another version', () => {
    put('a.txt', ['apple']);
    index.close();
    writeFileSync(index.file, Buffer.alloc(9000, 7));
    index = FolderIndex.open(index.file, '/docs');
    expect(index.counts()).toEqual({ files: 0, passages: 0 });
  });

  it('leaves nothing behind', () => {
    const { file } = index;
    removeIndex(file);
    for (const end of ['', '-wal', '-shm']) expect(existsSync(file + end)).toBe(false);
  });
});
