/** The template of each goal, in both languages, is read as what it is without a question. */
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SURE } from '../../../common/words/mapping.ts';
import { look } from '../../../main/engine/session/data.ts';
import { spacedJson } from '../../../main/rows/tool-calls.ts';
import { csvText } from '../../../renderer/steps/data/rows.ts';
import { textsIn } from '../../../renderer/text/texts.ts';
import { dataText as english } from '../../../renderer/text/wizard-data.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';

let at: ReturnType<typeof temporaryFolder>;
beforeAll(() => {
  at = temporaryFolder();
});
afterAll(() => at.remove());

const { dataText: german } = (await textsIn('de')) as { dataText: typeof english };
const io = { emit: () => {}, stop: new AbortController().signal };

describe.each(Object.entries({ en: english, de: german }))('%s', (language, { template }) => {
  it.each(Object.entries(template.rows))('%s', async (goal, rows) => {
    const file = path.join(at.folder, `${language}-${goal}.csv`);
    writeFileSync(file, `\uFEFF${csvText(rows)}`);
    const { files, rows: count, badRows, first } = await look({ data: file } as never, io);
    expect([count, badRows]).toEqual([2, 0]);
    expect(files[0]?.confidence).toBeGreaterThanOrEqual(goal === 'continue' ? 0.5 : SURE);
    if (goal === 'tools') {
      const [ask, call] = JSON.parse(rows[1]![0]!) as { content: string; tool_calls: object[] }[];
      expect(first[0]?.turns[0]?.content).toBe(ask!.content);
      expect(first[0]?.turns[1]?.content).toContain(spacedJson(call!.tool_calls[0]));
      return;
    }
    const turns = goal === 'continue' ? rows[1] : [rows[1]![0], rows[1]![1]];
    expect(first[0]?.turns.map(({ content }) => content)).toEqual(turns);
  });
});

it('texts with quotes, commas and lines stay what they are', () => {
  expect(
    csvText([
      ['a "b"', 'c,d'],
      ['e\nf', 'g'],
    ]),
  ).toBe('"a ""b""","c,d"\r\n"e\nf",g\r\n');
});
