import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { DoctorReport } from '../../../../common/protocol/protocol.ts';
import { reportText } from '../../../../main/cli/data/check.ts';
import { COLOURED, PLAIN } from '../../../../main/cli/words.ts';
import { loadTokenizer } from '../../../../main/engine/data/tokens/tokenizer/load.ts';
import { fettle as run } from '../../../helpers/fettle.ts';
import { writeRows, writeTinyModel } from '../../../helpers/tiny-model.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fettle-check-'));
});
afterAll(() => rm(folder, { recursive: true }));

const fettle = (...argv: string[]) => run(argv);

const WORDS = 'river lamp garden winter kettle bridge orange planet button silver violin ladder'.split(' ');

/** 150 rows that differ, and at the end one with an address, one with an empty answer, one twice. */
async function faultyFile(name: string): Promise<string> {
  const rows = Array.from({ length: 150 }, (_, i) => {
    const some = [1, 5, 7, 11].map((step) => WORDS[(i * step + Math.floor(i / 12)) % WORDS.length]);
    return {
      prompt: `Say something about ${some.join(' and ')} number ${i}.`,
      completion: `That ${some.reverse().join(' beside the ')} would be case ${i}.`,
    };
  });
  const last = [
    { prompt: 'Whom do I ask?', completion: 'Ask anna.keller@mail.net about it.' },
    { prompt: 'And now?', completion: '' },
    rows[0],
  ];
  const path = join(folder, name);
  await writeFile(path, [...rows, ...last].map((row) => `${JSON.stringify(row)}\n`).join(''));
  return path;
}

describe('fettle data check', () => {
  it('prints findings worst first, with places and fixes, and ends with 0', async () => {
    const file = await faultyFile('rows.jsonl');
    const { code, out, err } = await run(['data', 'check', file], { ownEngine: true });
    expect(code, err).toBe(0);
    const titles = [...out.matchAll(/^(?:harm|warning|note) +(.*?):/gm)].map(([, title]) => title);
    expect(titles).toEqual(['Empty answers', 'Email addresses', 'Duplicate rows']);
    expect(out).toContain('rows.jsonl:152');
    expect(out).toContain('Replace with [EMAIL]: --fix email-addresses.');
    expect(out).not.toContain('anna.keller@');
    expect(out.replace(/\s+/g, ' ')).toContain(
      'add --fix all --preview to see it, then --out NEW.jsonl instead of --preview to write it; fettle data undo NEW.jsonl --out OLD.jsonl takes it back.',
    );
    expect(out).toMatch(/1 thing would harm the training: empty answers\. 2 more things/);
  });

  it('prints one object with --json', async () => {
    const { code, out, err } = await fettle('data', 'check', await faultyFile('rows.jsonl'), '--json');
    expect([code, err]).toEqual([0, '']);
    const report = JSON.parse(out) as DoctorReport;
    expect(report).toMatchObject({ rows: 153, unreadable: 0, repair: null });
    expect(report.findings.map(({ code: name }) => name)).toEqual([
      'empty-answers',
      'email-addresses',
      'exact-duplicates',
    ]);
  });

  it('counts new tokens as one each, and says what is wrong with them', async () => {
    const model = await writeTinyModel(join(folder, 'model'));
    const rows = Array.from({ length: 20 }, (_, i) => ({ prompt: `<|ask|>cow ${i}`, completion: 'moo' }));
    const file = writeRows(join(folder, 'marked.jsonl'), rows);
    const check = (...flags: string[]) => fettle('data', 'check', file, '--model', model, '--json', ...flags);
    const tokensOf = async (...flags: string[]) => {
      const { code, out, err } = await check(...flags);
      expect(code, err).toBe(0);
      return (JSON.parse(out) as DoctorReport).lengths.tokens;
    };
    const pieces = (await loadTokenizer(model)).encode('<|ask|>').length;
    expect(pieces).toBeGreaterThan(1);
    expect(await tokensOf('--new-token', '<|ask|>')).toBe((await tokensOf()) - 20 * (pieces - 1));
    for (const [text, message] of [
      [['<|im_end|>'], '"<|im_end|>" is already a token of this model, with the id 2.'],
      [['<a>', '<a>'], '--new-token contains "<a>" twice'],
    ] as const) {
      const { code, err } = await check(...text.map((one) => `--new-token=${one}`));
      expect([code, err]).toEqual([2, expect.stringContaining(message)]);
    }
  });

  it('writes a mended file, says how to undo it, and undoes it', async () => {
    const file = await faultyFile('rows.jsonl');
    const out = join(folder, 'mended.jsonl');
    const fixed = await fettle('data', 'check', file, '--fix', 'all', '--out', out);
    expect(fixed.code, fixed.err).toBe(0);
    expect(fixed.out).toContain('The new file has 151 rows, 1 of them changed; 2 left out.');
    expect(fixed.out).toContain('+ Ask [EMAIL] about it.');
    const restored = join(folder, 'restored.jsonl');
    const undone = await fettle('data', 'undo', out, '--out', restored);
    expect(undone.out).toBe(`Wrote 153 rows to ${restored}, 3 of them put back as they were.\n`);
    expect(await readFile(restored, 'utf8')).toBe(await readFile(file, 'utf8'));
    const again = await fettle('data', 'check', file, '--fix', 'all', '--out', out);
    expect(again.code).toBe(2);
    expect(again.err).toContain('--overwrite');
  });

  it('names what takes fixes back in its help, and as a command for a path with spaces', async () => {
    const help = await fettle('data', 'check', '--help');
    // the text may be broken anywhere between words
    expect(help.out.replace(/\s+/g, ' ')).toContain('fettle data undo repaired.jsonl --out restored.jsonl');
    expect(help.out).toMatch(/--preview/);
    const out = join(folder, 'my mended.jsonl');
    const { out: text } = await fettle(
      'data',
      'check',
      await faultyFile('s.jsonl'),
      '--fix',
      'all',
      '--out',
      out,
    );
    expect(text).toContain(`fettle data undo "${out}" --out`);
  });

  it('previews without writing', async () => {
    const { code, out } = await fettle(
      'data',
      'check',
      await faultyFile('rows.jsonl'),
      '--fix',
      'all',
      '--preview',
    );
    expect(code).toBe(0);
    expect(out).toContain('would have 151 rows');
    expect(out).toContain('(left out)');
    expect(existsSync(join(folder, 'rows.jsonl.undo.jsonl'))).toBe(false);
  });

  it.each([
    [['--fix', 'all'], 2, '--fix needs --out for the new file'],
    [['--out', 'x.jsonl'], 2, 'need --fix'],
    [['--fix', 'alles', '--preview'], 2, 'There is no fix called "alles".'],
    [['--new-token', '<|ask|>'], 2, '--new-token needs --model'],
    [['--minutes', '5'], 2, '--minutes needs --tokens-per-second'],
    [['--held-out', '0.95'], 2, '--held-out must be a share'],
  ])('with %s ends with %i', async (flags, expected, message) => {
    const { code, err } = await fettle('data', 'check', await faultyFile('rows.jsonl'), ...flags);
    expect(err).toContain(message);
    expect(code).toBe(expected);
  });

  it('ends with 3 where no row can be read', async () => {
    const path = join(folder, 'bad.jsonl');
    await writeFile(path, '{"a": 1\n{"b": 2\n');
    expect((await fettle('data', 'check', path)).code).toBe(3);
  });
});

describe('the text of a report', () => {
  const report: DoctorReport = {
    files: ['/data/rows.jsonl'],
    rows: 1000,
    unreadable: 0,
    findings: [],
    notes: [],
    lengths: { counted: true, tokens: 5000, median: 5, most: 9, histogram: [{ upTo: 16, rows: 1000 }] },
    labels: [{ field: 'topic', values: [{ value: 'refund', rows: 600 }] }],
    repair: null,
    seconds: 1,
    peakRssBytes: 1,
  };

  it('says that nothing was found', () => {
    const text = reportText(report, PLAIN, 100);
    expect(text).toContain('Nothing wrong was found in 1,000 rows.');
    expect(text).toContain('Labels   topic: refund 600');
  });

  it('breaks long texts, and lets nothing from the data move the cursor', () => {
    const finding = {
      ...{ code: 'x', title: 'X', severity: 'harm' as const, rows: 5, share: 0.005, fix: null },
      ...{ why: 'word '.repeat(60), detail: '', examples: [{ where: 'a:1', text: '\u001b[2Jevil\u0007' }] },
    };
    const text = reportText({ ...report, findings: [finding] }, COLOURED, 80);
    expect(text).not.toContain('\u001b[2J');
    expect(text).toContain('(0.5%)');
    const lines = text.split('\n').filter((line) => line.startsWith('    word'));
    expect(lines.length).toBeGreaterThan(3);
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  });
});
