import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { namedFormat, sniffFormat } from '../../../../main/rows/readers/formats.ts';
import { openSource } from '../../../../main/rows/readers/source.ts';
import { unpackedZipBytes, zipKind } from '../../../../main/rows/readers/xlsx.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fettle-sniff-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function sniff(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return sniffFormat(await openSource(path));
}

const ROW = '{"prompt": "p", "completion": "c"}';

describe('sniffFormat', () => {
  it.each([
    ['rows.jsonl', `${ROW}\n${ROW}\n`, 'jsonl'],
    ['one.jsonl', ROW, 'jsonl'],
    ['one.json', ROW, 'jsonl'],
    ['list.json', `[${ROW}]`, 'json'],
    ['list.jsonl', `[${ROW}]`, 'json'],
    ['pretty.jsonl', `[\n  ${ROW}\n]`, 'json'],
    ['object.json', `{"data": [${ROW}]}`, 'json'],
    ['chat.json', '{"messages": [{"role": "user", "content": "x"}]}', 'jsonl'],
    ['lines.json', `${ROW}\n${ROW}\n`, 'jsonl'],
    ['pretty.json', '{\n  "prompt": "p"\n}\n{\n  "prompt": "q"\n}', 'json'],
    ['broken.jsonl', `{"prompt": "p",}\n${ROW}\n`, 'jsonl'],
    ['broken.json', `{"prompt": "p",}\n${ROW}\n`, 'jsonl'],
    ['broken-first.jsonl', '{broken\n', 'jsonl'],
    ['lists.jsonl', '[1]\n[2]\n', 'jsonl'],
    ['rows.csv', 'a,b\n1,2\n', 'csv'],
    ['json-cells.csv', 'a,b\n"{""x"": 1}",2\n', 'csv'],
    ['table.jsonl', 'a,b\n1,2\n3,4\n', 'csv'],
    ['table.dat', 'a;b\n1;2\n3;4\n', 'csv'],
    ['table.txt', 'a\tb\n1\t2\n3\t4\n', 'csv'],
    ['prose.txt', 'Well, this is it.\nIt is, I said, fine.\n', 'text'],
    ['prose.dat', 'Well, this is it.\nIt is fine.\n', 'text'],
    ['rows.txt', `${ROW}\n${ROW}\n`, 'jsonl'],
    ['notes.md', '[A link](x) and text\n\n# Head\n', 'markdown'],
    ['list.txt', '[1] First footnote.\n[2] Second footnote.\n', 'text'],
    ['empty.jsonl', '', 'jsonl'],
    ['empty.csv', '', 'csv'],
  ])('%s is read as it should be', async (name, content, format) => {
    expect(await sniff(name, content)).toBe(format);
    expect(await sniff(`${name}.gz`, gzipSync(content))).toBe(format);
  });

  it.each([
    ['page.txt', '<!DOCTYPE html><html></html>', 'a web page'],
    ['book.csv', Buffer.from('d0cf11e0a1b11ae1', 'hex'), 'an old Office document'],
    ['rows.jsonl', Buffer.from('28b52ffd00', 'hex'), 'a Zstandard archive'],
    ['data.csv', 'SQLite format 3\0', 'an SQLite database'],
    ['letter.txt', '{\\rtf1 text}', 'a rich text document'],
    ['model.json', 'GGUF\u0003', 'a model (GGUF), not data'],
    ['twice.jsonl.gz', gzipSync(gzipSync('x')), 'a gzip archive inside a gzip archive'],
  ])('refuses %s', async (name, content, what) => {
    await expect(sniff(name, content)).rejects.toMatchObject({
      code: 'data-format',
      message: expect.stringContaining(what),
    });
  });

  it('knows formats by their names, whatever the case', () => {
    expect(namedFormat('a/b.JSONL')).toBe('jsonl');
    expect(namedFormat('b.tsv.gz')).toBe('csv');
    for (const name of ['b.constructor', 'csv', 'b.docx', '.gz']) expect(namedFormat(name)).toBeUndefined();
  });
});

describe('ZIP archives', () => {
  it('are told apart by what is in them', () => {
    const archive = (name: string) =>
      Buffer.concat([Buffer.from('PK\u0003\u0004'.padEnd(30, '\0')), Buffer.from(name)]);
    const names = [
      'xl/workbook.xml',
      'word/document.xml',
      'mimetypeapplication/vnd.oasis.opendocument.text',
      'a.csv',
    ];
    expect(names.map((name) => zipKind(archive(name)))).toEqual(['xlsx', 'docx', 'odt', 'zip']);
  });

  it('are not mistaken for another kind by letters in their packed content', () => {
    const entry = (name: string) =>
      Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(26), Buffer.from(name)]);
    const letter = Buffer.concat([
      entry('[Content_Types].xml'),
      Buffer.from('..xl/..'),
      entry('word/document.xml'),
    ]);
    expect(zipKind(letter)).toBe('docx');
    expect(zipKind(Buffer.concat([entry('notes.txt'), Buffer.from('about xl/ and word/')]))).toBe('zip');
  });

  it('state how much they unpack to', () => {
    const entry = (bytes: number) => {
      const head = Buffer.alloc(46 + 3);
      head.writeUInt32LE(0x02014b50, 0);
      head.writeUInt32LE(bytes, 24);
      head.writeUInt16LE(3, 28);
      return head;
    };
    const end = Buffer.alloc(22);
    end.writeUInt32LE(0x06054b50, 0);
    expect(unpackedZipBytes(Buffer.concat([entry(1000), entry(2_000_000_000), end]))).toBe(2_000_001_000);
    expect(unpackedZipBytes(Buffer.from('PK no archive'))).toBe(0);
  });
});
