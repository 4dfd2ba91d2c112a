import { cpSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EngineEvent, EngineReply, RowPreview } from '../../../../common/protocol/protocol.ts';
import { nestedSettings, settingInfos } from '../../../../common/settings/form.ts';
import { language } from '../../../../common/words/language.ts';
import { withTimeLeft } from '../../../../main/changes.ts';
import { parseRunConfig } from '../../../../main/engine/config/config.ts';
import type { Tokenizer } from '../../../../main/engine/data/tokens/tokenizer-types.ts';
import { CALLS, CallDesk } from '../../../../main/engine/session/calls.ts';
import { look, rawTable } from '../../../../main/engine/session/data.ts';
import { Planner } from '../../../../main/engine/session/planner/planner.ts';
import { preview, previewOf } from '../../../../main/engine/session/tokenized-rows.ts';
import { temporaryFolder, tinyRows, writeRows, writeTinyModel } from '../../../helpers/tiny-model.ts';

let at: ReturnType<typeof temporaryFolder>;
let model: string;
const file = (name: string) => path.join(at.folder, name);
beforeAll(async () => {
  at = temporaryFolder();
  model = await writeTinyModel(file('model'));
});
afterAll(() => at.remove());

const io = { emit: () => {}, stop: new AbortController().signal };

describe('the time left of a phase', () => {
  it('is told from a twentieth on, or after 20 seconds, and begins again with the phase', () => {
    let now = 0;
    const told: unknown[] = [];
    const emit = withTimeLeft<EngineEvent>(
      (event) => told.push('secondsLeft' in event ? event.secondsLeft : undefined),
      () => now,
    );
    const at = (seconds: number, fraction: number) => {
      now = seconds;
      emit({ event: 'phase', phase: 'evaluate', fraction });
    };
    at(-100, 0);
    at(0, 0);
    at(10, 0.01);
    at(25, 0.02);
    emit({ event: 'warning', code: 'threads', message: '' });
    at(50, 0.5);
    // evaluated once more
    at(60, 0);
    at(61, 0.1);
    // read in part before, so what is left takes longer than that
    emit({ event: 'phase', phase: 'save' });
    at(70, 0.5);
    at(80, 0.75);
    expect(told.map((one) => (typeof one === 'number' ? Math.round(one) : one))).toEqual([
      ...[undefined, undefined, undefined, 1225, undefined, 41],
      ...[undefined, 9, undefined, undefined, 10],
    ]);
  });
});

describe('the settings of a run', () => {
  it('are those of the schema without files, data and machine, each with a type and words', () => {
    const all = settingInfos();
    const byName = new Map(all.map((one) => [one.name, one]));
    for (const gone of [
      'model',
      'data',
      'out',
      'evalData',
      'threads',
      'seed',
      'map',
      'system',
      'samplePrompts',
    ])
      expect(byName.has(gone)).toBe(false);
    expect(byName.get('lora.rank')).toMatchObject({ kind: 'integer', min: 1, max: 4096 });
    expect(byName.get('lora.rank')!.fallback).toBe('chosen for model and rows');
    expect(byName.get('bits')).toMatchObject({ kind: 'choice', choices: ['4', '8', '16'] });
    expect(byName.get('masterBits')).toMatchObject({ kind: 'choice', choices: ['16', '32'], fallback: '32' });
    expect(byName.get('quant')).toMatchObject({ kind: 'choice', choices: ['int', 'nf4'], fallback: 'int' });
    expect(byName.get('method')).toMatchObject({ kind: 'choice', choices: ['lora', 'qlora', 'full'] });
    expect(byName.get('evalEvery')).toMatchObject({ kind: 'integer', choices: ['auto'], min: 1 });
    expect(byName.get('packing')).toMatchObject({ kind: 'boolean', fallback: 'on' });
    expect(byName.get('lora.targets')).toMatchObject({ kind: 'text', choices: ['all-linear'] });
    for (const { about, fallback } of all) {
      expect(about.length).toBeGreaterThan(5);
      expect(`${about} ${fallback}`).not.toContain('--');
    }
  });

  it('may come with dots and lists as text', () => {
    const given = { lora: { rank: 2 }, 'lora.alpha': 8, 'lora.targets': 'q_proj, v_proj', epochs: 2 };
    expect(nestedSettings(given)).toEqual({
      ...{ epochs: 2, lora: { rank: 2, alpha: 8, targets: ['q_proj', 'v_proj'] } },
    });
    const files = { model: 'm', data: 'd', out: 'o' };
    expect(parseRunConfig(nestedSettings({ ...files, ...given })).lora.targets).toEqual(['q_proj', 'v_proj']);
    expect(nestedSettings({ newTokens: ' <a>  <b> ' })).toEqual({ newTokens: ['<a>', '<b>'] });
    expect(nestedSettings({ newTokens: ['<a b>'] })).toEqual({ newTokens: ['<a b>'] });
    expect(nestedSettings([1])).toEqual([1]);
  });
});

describe('a look at data', () => {
  it('shows records as a table, nested values as compact JSON', () => {
    const rows = [{ a: 'x', b: { c: [1, 2] } }, { b: null, d: 3n, e: true }, 'alone', { a: { big: 5n } }];
    expect(rawTable(rows)).toEqual({
      columns: ['a', 'b', 'd', 'e', 'value'],
      rows: [
        ['x', '{"c":[1,2]}', '', '', ''],
        ['', '', '3', 'true', ''],
        ['', '', '', '', 'alone'],
        ['{"big":"5"}', '', '', '', ''],
      ],
    });
  });

  it('has the first 50 rows as they stand there beside what they are read as', async () => {
    writeFileSync(
      file('t.csv'),
      `question,answer\n${Array.from({ length: 70 }, (_, i) => `how ${i}?,so ${i}`).join('\n')}\n`,
    );
    const found = await look({ data: file('t.csv') }, io);
    expect(found.rows).toBe(70);
    expect(found.raw.columns).toEqual(['question', 'answer']);
    expect(found.raw.rows).toHaveLength(50);
    expect(found.raw.rows[49]).toEqual(['how 49?', 'so 49']);
  });
});

const textOf = ({ pieces }: RowPreview) => pieces.map(({ text }) => text).join('');

describe('a preview', () => {
  it('is the row as it is trained on: template, mask, cut', async () => {
    const data = writeRows(file('rows.jsonl'), ['not a row', ...tinyRows(4)]);
    const asked = { data: { data }, model, trainOn: 'answers' as const, from: 1, count: 2 };
    const rows = await preview({ ...asked, maxLength: 1000 }, io);
    expect(rows.map(({ where }) => where)).toEqual([`${data}:3`, `${data}:4`]);
    const text = rows[0]!.pieces.map((piece) => piece.text).join('');
    expect(text).toMatch(/^<\|im_start\|>user\n\d \w+ 1<\|im_end\|>\n<\|im_start\|>assistant\n/);
    const trained = rows[0]!.pieces.filter((piece) => piece.trained);
    expect(trained.map((piece) => piece.text).join('')).toMatch(/^\w+( \w+)*<\|im_end\|>\n?$/);
    expect(rows[0]!.trainedTokens).toBe(trained.flatMap(({ tokens }) => tokens).length);
    expect(rows[0]).toMatchObject({ cutTokens: 0 });

    const [cut] = await preview({ ...asked, maxLength: rows[0]!.tokens - 3 }, io);
    expect(cut).toMatchObject({ cutTokens: 3, tokens: rows[0]!.tokens });
    expect(cut!.pieces.filter((piece) => piece.cut).flatMap(({ tokens }) => tokens)).toHaveLength(3);
    expect(cut!.trainedTokens).toBeLessThan(rows[0]!.trainedTokens);

    const [all] = await preview({ ...asked, maxLength: 1000, trainOn: 'all' }, io);
    expect(all!.pieces).toHaveLength(1);
    expect(all!.trainedTokens).toBe(all!.tokens);
  });

  it('and a check of the same rows have new tokens as one each', async () => {
    const asking = (count: number) =>
      Array.from({ length: count }, (_, i) => ({ prompt: `<|ask|>cow ${i}`, completion: 'moo<|end|>' }));
    const data = writeRows(file('marked.jsonl'), asking(3));
    const shown = {
      ...{ data: { data }, model, maxLength: 1000 },
      trainOn: 'all' as const,
      from: 0,
      count: 3,
    };
    const see = async (newTokens?: string | readonly string[]) => {
      const rows = await CALLS.preview({ ...shown, newTokens }, io);
      const report = await CALLS.check({ data, model, newTokens }, io);
      expect(report.lengths).toMatchObject({
        ...{ counted: true, tokens: rows.reduce((sum, { tokens }) => sum + tokens, 0) },
      });
      return rows;
    };
    const inPieces = await see();
    // as a form has them, and as a configuration
    for (const given of ['<|ask|> <|end|>', ['<|ask|>', '<|end|>']]) {
      const [row] = await see(given);
      const tokens = row!.pieces.flatMap((piece) => piece.tokens);
      expect(tokens.filter(({ id }) => id >= 256)).toEqual([
        { id: 256, text: '<|ask|>' },
        { id: 257, text: '<|end|>' },
      ]);
      expect(textOf(row!)).toBe(textOf(inPieces[0]!));
      expect(row!.tokens).toBeLessThan(inPieces[0]!.tokens - 4);
    }
    await expect(see('<|im_end|>')).rejects.toThrow('is already a token of this model');
  });

  it('says where instructions went that the model has no place for', async () => {
    const refusing = path.join(file('refusing'), 'model');
    cpSync(model, refusing, { recursive: true });
    const settings = path.join(refusing, 'tokenizer_config.json');
    const config = JSON.parse(readFileSync(settings, 'utf8'));
    config.chat_template = `{% if messages[0].role == 'system' %}{{ raise_exception('no') }}{% endif %}${config.chat_template}`;
    writeFileSync(settings, JSON.stringify(config));
    const data = writeRows(file('instructed.jsonl'), [
      { prompt: 'cow 1', completion: 'moo', system: 'Be brief.' },
      { prompt: 'cow 2', completion: 'moo' },
    ]);
    const asked = { data: { data }, maxLength: 1000, trainOn: 'answers' as const, from: 0, count: 2 };
    const folded = await preview({ ...asked, model: refusing }, io);
    expect(folded.map(({ systemFolded }) => systemFolded)).toEqual([true, false]);
    expect(textOf(folded[0]!)).toContain('user\nBe brief.\n\ncow 1');
    const kept = await preview({ ...asked, model }, io);
    expect(kept.map(({ systemFolded }) => systemFolded)).toEqual([false, false]);
    expect(textOf(kept[0]!)).toContain('system\nBe brief.');

    const warnings: string[] = [];
    const emit = (event: EngineEvent) => void (event.event === 'warning' && warnings.push(event.message));
    const planner = new Planner();
    const run = { data, out: file('out'), threads: 1, maxLength: 64 };
    for (const each of [model, refusing])
      await planner.rows(parseRunConfig({ ...run, model: each }), { ...io, emit });
    await planner.close();
    expect(warnings).toEqual([expect.stringMatching(/doesn't read instructions.* In 1 row they go before/)]);
  });

  it('gives a character that is several tokens to the last of them', () => {
    const bytes = [...Buffer.from('aé€!')];
    const tokenizer = {
      decode: (ids: readonly number[]) => Buffer.from([...ids]).toString('utf8'),
    } as Tokenizer;
    const labels = bytes.map((byte, i) => (i >= 3 ? byte : -100));
    const { pieces } = previewOf('x', { ids: bytes, labels }, tokenizer, 100);
    expect(pieces.map(({ text, trained }) => [text, trained])).toEqual([
      ['aé', false],
      ['€!', true],
    ]);
    expect(pieces.flatMap(({ tokens }) => tokens.map(({ text }) => text))).toEqual([
      ...['a', '', 'é', '', '', '€', '!'],
    ]);
  });
});

describe('the desk of calls', () => {
  const open = () => {
    const replies: EngineReply[] = [];
    const desk = new CallDesk((reply) => replies.push(reply));
    const call = (id: number, name: string, input: unknown) =>
      desk.call({ command: 'call', id, name: name as never, input });
    const of = (id: number) =>
      replies.find((reply) => 'id' in reply && reply.id === id && ('result' in reply || 'failed' in reply));
    const until = (id: number) => expect.poll(() => of(id)).toBeDefined();
    return { desk, call, until, of, replies };
  };

  it('answers in the language of a call', async () => {
    const { desk, call, until } = open();
    desk.call({ command: 'call', id: 1, name: 'split', input: [100, 0.1], language: 'de' });
    await until(1);
    expect(language()).toBe('de');
    call(2, 'split', [100, 0.1]);
    await until(2);
    expect(language()).toBe('en');
  });

  it('lets a quick question go before work that takes longer, and cancels what waits', async () => {
    const { desk, call, until, replies } = open();
    const data = writeRows(file('many.jsonl'), tinyRows(2000));
    call(1, 'look', { data });
    call(2, 'look', { data });
    desk.cancel(2);
    call(3, 'split', [100, 0.1]);
    await until(2);
    const told = replies.flatMap((reply) => ('id' in reply && !('event' in reply) ? [reply] : []));
    const begun = told.filter((reply) => 'begun' in reply).map(({ id }) => id);
    const ended = told.filter((reply) => !('begun' in reply)).map(({ id }) => id);
    expect({ begun, ended }).toEqual({ begun: [3, 1, 2], ended: [3, 1, 2] });
    // a call that waits has not begun
    expect(told.findIndex(({ id }) => id === 2)).toBeGreaterThan(told.findLastIndex(({ id }) => id === 1));
    expect(replies.at(-1)).toMatchObject({ id: 2, failed: { code: 'stopped' } });
  });

  it('says what was wrong, and answers the next call', async () => {
    const { call, until, of } = open();
    call(1, 'look', { data: file('nowhere.csv') });
    call(2, 'no-such-call', null);
    call(3, 'eval', { model: 'm' });
    call(4, 'look', { data: file('t.csv') });
    await until(4);
    expect(of(1)).toMatchObject({ failed: { code: 'file-not-found' } });
    expect(of(2)).toMatchObject({ failed: { code: null, message: expect.stringContaining('internal:') } });
    expect(of(3)).toMatchObject({ failed: { code: 'bad-config' } });
    expect(of(4)).toMatchObject({ result: { rows: 70 } });
  });
});
