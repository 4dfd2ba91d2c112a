import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DataShowResult } from '../../../common/protocol/protocol.ts';
import { showText } from '../../../main/cli/data/show.ts';
import { fettle as run } from '../../helpers/fettle.ts';

const MESSY = join(import.meta.dirname, '../../fixtures/messy');

const fettle = (...argv: string[]) => run(argv);
const show = (name: string, ...flags: string[]) => fettle('data', 'show', join(MESSY, name), ...flags);

describe('fettle data show', () => {
  it('shows what was detected with its reason, the columns, counts and the first rows with their roles', async () => {
    const { code, out } = await run(['data', 'show', join(MESSY, 'tickets.xlsx')], { ownEngine: true });
    expect(code).toBe(0);
    expect(out).toContain('Format    xlsx, 3 rows');
    expect(out).toMatch(/Read as {3}label \(93% sure\): “Topic” has only 3 different values/);
    expect(out).toContain('--map prompt=Subject+Body,answer=Topic');
    expect(out).toMatch(/^ {4}Date {2}2024-03-01$/m);
    expect(out).toContain('Not read: “Read me”');
    expect(out).toContain('tickets.xlsx, row 5\n  user: Bill / I paid 12 too much.\n  assistant: payment\n');
    expect(out).toMatch(/\n3 rows to train on\n$/);
  });

  it('prints one object for programs', async () => {
    const { code, out, err } = await show('broken-tenth.jsonl', '--json');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const result = JSON.parse(out) as DataShowResult;
    expect(result.files).toMatchObject([
      { format: 'jsonl', kind: 'prompt-completion', map: null, rows: 45, badRows: 5 },
    ]);
    expect({ rows: result.rows, badRows: result.badRows }).toEqual({ rows: 45, badRows: 5 });
    expect(result.problems).toHaveLength(5);
    expect(result.problems[1]).toMatch(/:14: “completion” is missing\.$/);
    expect(result.first).toHaveLength(3);
    expect(result.first[0]).toMatchObject({
      kind: 'completion',
      contextTurns: 0,
      turns: [
        { role: 'user', content: 'p0' },
        { role: 'assistant', content: 'c0' },
      ],
    });
  });

  it('reads several files together', async () => {
    const { out } = await fettle('data', 'show', join(MESSY, 'bars.csv'), join(MESSY, 'list.json'));
    expect(out).toContain('bars.csv\n  Format    csv, 2 rows');
    expect(out).toContain('list.json\n  Format    json, 4 rows');
    expect(out).toMatch(/\n6 rows to train on\n$/);
  });

  it('takes a mapping, a template and a system message', async () => {
    const flags = [
      '--map',
      'answer=Kategorie',
      '--prompt-template',
      'Sortiere: {Betreff}',
      '--system',
      'Kurz.',
    ];
    const { out } = await show('semicolon.csv', ...flags);
    expect(out).toContain('  system: Kurz.\n  user: Sortiere: Lampe; kaputt\n  assistant: Schaden\n');
  });

  it.each([
    ['no-header.csv', [], 3, 'for example `prompt=column1,answer=column2`.'],
    ['semicolon.csv', ['--map', 'prompt=x,answer=y'], 3, 'has no column “x”.'],
    ['semicolon.csv', ['--map', 'x'], 2, '--map: cannot read "x"'],
    ['picture.csv', [], 3, 'is a PNG image'],
    ['nowhere.csv', [], 2, 'There is no file'],
  ])('says what to do about %s %j', async (name, flags, exit, words) => {
    const { code, err } = await show(name, ...flags);
    expect(code).toBe(exit);
    expect(err).toContain(words);
  });

  it('ends with the code for data where no row can be trained on', async () => {
    expect((await show('empty.jsonl')).code).toBe(3);
    const tools = await show('tools.jsonl');
    expect(tools.code).toBe(3);
    expect(tools.out).toContain('“messages[1].tool_calls[0].name” is missing.');
  });

  it('marks turns that are only context, and keeps control characters from the terminal', () => {
    const text = showText({
      files: [],
      rows: 1,
      badRows: 0,
      problems: [],
      notes: [{ code: 'data-encoding', message: 'a note' }],
      first: [
        {
          where: 'f:1',
          kind: 'chat',
          contextTurns: 1,
          turns: [
            { role: 'user', content: 'a\u001b[31m' },
            { role: 'assistant', content: 'b'.repeat(1000) },
          ],
        },
      ],
    });
    expect(text).toContain('  user (context, not trained on): a[31m\n');
    expect(text).toContain(`  assistant: ${'b'.repeat(300)}…\n`);
    expect(text).toContain('Notes\n  a note\n');
  });
});

describe('commands of two words', () => {
  it('are listed, explained and suggested', async () => {
    expect((await fettle('data')).out).toContain('data show');
    expect((await fettle('data', '--help')).out).toContain('data show');
    expect((await fettle('help', 'data', 'show')).out).toContain('fettle data show: ');
    expect((await fettle('data', 'show', '--help')).out).toContain('--prompt-template TEXT');
    const wrong = await fettle('data', 'shwo', 'x');
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain('Did you mean `fettle data show`?');
    expect((await fettle('data', 'show')).err).toContain('FILE is missing.');
  });
});
