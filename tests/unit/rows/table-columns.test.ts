/** Which files are tables whose columns can be kept, and what a cell of theirs says. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cellAt, tableColumns } from '../../../main/rows/table-columns.ts';
import { workbook } from '../../helpers/workbook.ts';

const MESSY = path.resolve('tests/fixtures/messy');
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'fettle-columns-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function columnsIn(files: Readonly<Record<string, string | Uint8Array>>) {
  const paths = Object.keys(files).map((name) => path.join(folder, name));
  await Promise.all(Object.values(files).map((content, i) => writeFile(paths[i]!, content)));
  return await tableColumns(paths, {});
}

describe('the columns of files', () => {
  it('are those of tables, in the order of the file', async () => {
    const rows = [
      ['When', 'Message', 'Amount'],
      ['Monday', 'Where is it?', '-3'],
    ];
    expect(await columnsIn({ 'a.xlsx': workbook({ Mails: rows }) })).toEqual(['When', 'Message', 'Amount']);
    expect(await columnsIn({ 'a.csv': 'z;y;message\n1;2;Where is it?\n' })).toEqual(['z', 'y', 'message']);
    expect(await tableColumns([path.join(MESSY, 'labels.parquet')], {})).toEqual(['text', 'label']);
    expect(await tableColumns([path.join(MESSY, 'chats.parquet')], {})).toBeNull();
    expect(await columnsIn({ 'a.tsv': 'message\tid\nWhere is it?\t7\n' })).toEqual(['message', 'id']);
  });

  it('are joined over files, and JSON may add one in its last record', async () => {
    const files = {
      'b.csv': 'message,id\nWhere is it?,7\n',
      'c.jsonl': '{"id":1,"message":"a"}\n{"late":true}\n',
    };
    expect(await columnsIn(files)).toEqual(['message', 'id', 'late']);
  });

  it('may hold lists of plain values', async () => {
    const rows = '{"text":"a"}\n{"text":"b","tags":["x", "y"]}\n';
    expect(await columnsIn({ 'h.jsonl': rows })).toEqual(['text', 'tags']);
  });

  it('are none where a file is text, or has values inside values, or too many names', async () => {
    expect(await columnsIn({ 'd.csv': 'message\nWhere is it?\n', 'd.md': '# Title\n\nText.\n' })).toBeNull();
    expect(await columnsIn({ 'e.jsonl': '{"text":"a"}\n{"text":"b","tags":[{"x":1}]}\n' })).toBeNull();
    expect(await columnsIn({ 'f.jsonl': '"a"\n"b"\n' })).toBeNull();
    const many = Array.from({ length: 1001 }, (_, i) => `{"text":"a","n${i}":1}`).join('\n');
    expect(await columnsIn({ 'g.jsonl': many })).toBeNull();
  });
});

it('a cell is the value of the record’s own field', () => {
  const record = JSON.parse('{"a":"x","b":-2,"c":null,"d":false,"e":["y"],"__proto__":"z"}') as unknown;
  expect(['a', 'b', 'c', 'd', 'e', '__proto__'].map((name) => cellAt(record, name))).toEqual([
    ...['x', -2, '', 'false', '["y"]', 'z'],
  ]);
  expect([cellAt(record, 'toString'), cellAt('text', 'length')]).toEqual(['', '']);
});
