/** Rows from documents, with a writer in the model's place that says what the test wants it to. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../../common/errors.ts';
import type { CallEvent } from '../../../common/protocol/protocol.ts';
import { documentRows, type Writer } from '../../../main/engine/extras/documents/document-rows.ts';
import { withKept } from '../../../main/extras/documents/command.ts';
import { readDocument } from '../../../main/rows/documents/read-document.ts';
import type { Message } from '../../../main/rows/messages.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';
import { docx, pdf } from './made.ts';

let folder: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(() => folder.remove());

const place = (name: string) => path.join(folder.folder, name);
const CLEANING = 'Clean the filter of the lamp once a month, with warm water and without any soap at all.';
const GUARANTEE = 'The guarantee of the lamp lasts 3 years from the day on which it was bought in a shop.';
const SHIPPING = 'Every order is sent on the same day, if it reaches us before noon on a working day.';

const json = (quote: string, question: string, answer: string) => JSON.stringify({ quote, question, answer });

/** Says `answers` in order, and keeps what it was told. */
function writerOf(answers: readonly string[]) {
  const told: (readonly Message[])[] = [];
  const offered: (readonly string[])[] = [];
  const writer: Writer = {
    passageWords: 400,
    async write(messages, quotes) {
      offered.push(quotes);
      told.push(messages);
      return answers[told.length - 1] ?? '';
    },
    close: async () => void told.push([]),
  };
  return { told, offered, open: async () => writer };
}

async function rows(answers: readonly string[], options: { perPassage?: number; out?: string } = {}) {
  writeFileSync(
    place('manual.pdf'),
    pdf([
      [
        ['Cleaning', 18, 700],
        [CLEANING, 11, 670],
      ],
    ]),
  );
  writeFileSync(
    place('terms.docx'),
    docx([{ text: 'Guarantee', style: 'H1' }, { text: GUARANTEE }], { H1: 'heading 1' }),
  );
  writeFileSync(place('shop.html'), `<!doctype html><h1>Shipping</h1><p>${SHIPPING}</p>`);
  const files = ['manual.pdf', 'terms.docx', 'shop.html'].map(place);
  const never = new AbortController().signal;
  const documents = await Promise.all(
    files.map(async (file) => ({ file, blocks: await readDocument(file, never) })),
  );
  const events: CallEvent[] = [];
  const { told, offered, open } = writerOf(answers);
  const io = { emit: (event: CallEvent) => void events.push(event), stop: never };
  const result = await documentRows({ documents, file: 'model.gguf', perPassage: 1, ...options }, io, open);
  const proposed = events.flatMap((event) => ('proposed' in event ? [event.proposed] : []));
  return { told, offered, events, result, proposed };
}

describe('rows from documents', () => {
  it('are asked of each passage of each document, and say where they are from', async () => {
    const { told, proposed, result } = await rows([
      json('Clean the filter of the lamp once a month', 'How often is the filter cleaned?', 'Once a month.'),
      json('lasts 3 years from the day', 'How long does the guarantee last?', 'It lasts 3 years.'),
      json('sent on the same day', 'When is an order sent?', 'On the same day.'),
    ]);
    expect(result).toMatchObject({ documents: 3, passages: 3, rows: 3, out: null });
    expect(proposed.map(({ source }) => source)).toEqual([
      'manual.pdf, page 1, Cleaning',
      'terms.docx, Guarantee',
      'shop.html, Shipping',
    ]);
    expect(told[0]?.at(-1)?.content).toContain(CLEANING);
    expect(told[1]?.at(-1)?.content).toContain(GUARANTEE);
    // the model is given back
    expect(told.at(-1)).toEqual([]);
  });

  it('are left out and counted where they rest on nothing, come twice or are not written', async () => {
    const question = 'How often is the filter of the lamp cleaned?';
    const { proposed, result, offered } = await rows(
      [
        json('once a month, with warm water', question, 'Once a month.'),
        json('once a week, with warm water', 'How often?', 'Once a week.'),
        json('once a month, with warm water', question, 'Monthly.'),
        json('lasts 3 years from the day', 'How long is it?', 'It lasts 10 years.'),
        '{"quote":"lasts 3 years fr',
        json('lasts 3 years from the day', 'How long does the guarantee last?', 'It lasts 3 years.'),
      ],
      { perPassage: 3 },
    );
    expect(proposed.map((row) => row.answer)).toEqual(['Once a month.', 'It lasts 3 years.']);
    expect(result.leftOut).toEqual({ unquoted: 1, foreign: 1, repeated: 1, unwritten: 4 });
    expect(offered[0]).toEqual([CLEANING]);
  });

  it('ask for no sentence twice', async () => {
    const { offered, result } = await rows([json(CLEANING, 'How is it cleaned?', 'With warm water.')], {
      perPassage: 2,
    });
    expect(result.leftOut.unwritten).toBe(4);
    expect(offered.filter(([quote]) => quote === CLEANING)).toHaveLength(1);
  });

  it('are written as rows to train on, and nothing where there are none', async () => {
    const out = place('rows.jsonl');
    await rows([json('sent on the same day', 'Wrong passage?', 'Yes.')], { out });
    expect(() => readFileSync(out)).toThrow('ENOENT');
    const { result } = await rows(
      ['', '', json('sent on the same day', 'When is an order sent?', 'On the same day.')],
      { out },
    );
    expect(result.out).toBe(out);
    expect(JSON.parse(readFileSync(out, 'utf8'))).toEqual({
      prompt: 'When is an order sent?',
      completion: 'On the same day.',
      quote: 'sent on the same day',
      source: 'shop.html, Shipping',
    });
    await expect(rows([], { out })).rejects.toMatchObject({ code: 'file-exists' });
  });

  it('that were written before a stop or a failure are kept', async () => {
    const out = place('kept.jsonl');
    const row = { question: 'When?', answer: 'Now.', quote: 'now', source: 'a.txt', passage: 'now' };
    const failed = new AppError('engine-died', 'It ended.', 'Start it again.');
    expect(await withKept(failed, [], out)).toBe(failed);
    expect(await withKept(failed, [row], out)).toMatchObject({
      code: 'engine-died',
      hint: `Start it again. 1 row written until then: ${out}`,
    });
    expect(JSON.parse(readFileSync(out, 'utf8'))).toMatchObject({ prompt: 'When?', completion: 'Now.' });
    const aborted = new DOMException('aborted', 'AbortError');
    expect(await withKept(aborted, [row, row], out)).toMatchObject({ code: 'stopped' });
    expect(readFileSync(out, 'utf8').trimEnd().split('\n')).toHaveLength(2);
  });
});
