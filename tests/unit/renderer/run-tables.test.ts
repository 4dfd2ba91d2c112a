/** The tables of a result and of a comparison. */
import { describe, expect, it } from 'vitest';
import type {
  AnsweredRow,
  AssessResult,
  Estimate,
  RunCurves,
  RunRow,
  VariantScores,
} from '../../../common/api/contract.ts';
import type { SettingInfo } from '../../../common/settings/form.ts';
import { measuresOf } from '../../../common/words/scores.ts';
import {
  settingRows as comparedRows,
  heldOutLoss,
  namesOf,
  resultRows,
  trainingLoss,
} from '../../../renderer/history/Compare.svelte';
import { copyBytes, typesOf } from '../../../renderer/run/actions.ts';
import { settingRows } from '../../../renderer/run/details/Settings.svelte';
import {
  confusionView,
  fieldsOf,
  filtersFor,
  lossRows,
  pointsText,
  preferenceRows,
  rivalColumns,
  rivalRows,
  shownRows,
} from '../../../renderer/run/result/tables.ts';
import { comparable, toggled } from '../../../renderer/state/history.svelte.ts';

const about = (value: number, by = 0.05): Estimate => ({ value, low: value - by, high: value + by });

describe('measures of a result', () => {
  const variant = (change: Partial<VariantScores>): VariantScores => ({
    ...{ variant: 'after', rows: 10, gain: about(0) },
    ...change,
  });
  const result = (kind: AssessResult['task']['kind'], one: VariantScores, labelField: string | null = null) =>
    ({
      answers: { variants: [one] },
      task: { kind, reason: '', labelField },
    }) as unknown as AssessResult;

  it('are those that were scored, named after the task', () => {
    const json = variant({ right: about(0.5), labelRight: about(0.8), validJson: about(1) });
    const labels = measuresOf(result('json', json, 'topic')).map(({ label }) => label);
    expect(labels).toEqual(['Every field right', 'Right topic', 'Valid JSON']);
    const free = variant({
      right: about(0),
      chrf: about(0.5),
      slotsPresent: about(0.9),
      slotsInvented: about(0),
    });
    expect(measuresOf(result('free', free)).map(({ label }) => label)).toEqual([
      ...['Exactly as wanted', 'Similarity to your answers (chrF)'],
      ...['Wanted values named', 'Invented among the named values'],
    ]);
  });

  it('do not say the same twice where the answer is the label', () => {
    const label = variant({ right: about(0.5), labelRight: about(0.5) });
    expect(measuresOf(result('label', label)).map(({ id }) => id)).toEqual(['right']);
  });

  it('has the fields of all variants once', () => {
    const fields = { topic: about(0.5) };
    expect(fieldsOf([variant({ fields }), variant({ fields: { ...fields, urgent: about(1) } })])).toEqual([
      'topic',
      'urgent',
    ]);
  });
});

describe('losses', () => {
  it('have signs for changes, and perplexity a factor', () => {
    const [loss, perplexity] = lossRows({
      ...{ rows: 10, labelledTokens: 100, before: about(3), after: about(1), change: about(-2) },
      ...{ perplexityBefore: about(20), perplexityAfter: about(2.7) },
    });
    expect(loss?.change).toBe('−2.000 (−2.050 to −1.950)');
    expect(perplexity?.change).toBe('× 0.135');
  });

  it('are points where rates differ', () => {
    expect(pointsText(about(0.12))).toBe('+12 (+7 to +17)');
  });
});

const row = (name: string, before: string, after: string, scores: AnsweredRow['scores']): AnsweredRow => ({
  ...{ prompt: name, wanted: 'x', answers: { before, after }, scores },
});

describe('preferences', () => {
  const result = { rows: 40, before: about(0.5), after: about(0.95, 0.1), gain: about(0.45, 0.1) };
  const figures = (margin: number) => ({
    preference: { accuracy: 0.5, margin, chosen: -20 + margin, rejected: -20 - margin },
  });

  it('are of held-out pairs, with rewards from the first evaluation and the last', () => {
    const rows = preferenceRows(result, [{}, figures(0), figures(9), figures(1.5)]);
    expect(rows[0]).toEqual({
      measure: 'Prefers the better answer',
      before: '50% (45% to 55%)',
      after: '95% (85% to 105%)',
      change: '+45 (+35 to +55)',
    });
    expect(rows.slice(1).map(({ before, after, change }) => [before, after, change])).toEqual([
      ['0.00', '1.50', '+1.50'],
      ['−20.00', '−18.50', '+1.50'],
      ['−20.00', '−21.50', '−1.50'],
    ]);
  });

  it('have no rewards where the training was evaluated once or never', () => {
    for (const evals of [[], [{}], [figures(1)]]) expect(preferenceRows(result, evals)).toHaveLength(1);
  });
});

describe('answers that a filter shows', () => {
  const rows = [
    row('same', 'x', 'x', { before: 1, after: 1 }),
    row('won', 'y', 'x', { before: 0, after: 1 }),
    row('lost', 'x', 'y', { before: 1, after: 0 }),
    row('half', 'y', 'z', { before: 0.2, after: 0.5 }),
  ];
  it.each([
    ['all', ['won', 'half', 'same', 'lost']],
    ['changed', ['won', 'half', 'lost']],
    ['better', ['won', 'half']],
    ['worse', ['lost']],
    ['right', ['won', 'same']],
    ['wrong', ['lost', 'half']],
  ] as const)('%s', (filter, names) => {
    expect(shownRows(rows, filter).map(({ prompt }) => prompt)).toEqual(names);
  });

  it('knows no change of a row that the base model was not asked', () => {
    const { before: _, ...answers } = row('alone', '', 'x', {}).answers;
    const alone = { ...row('alone', '', 'x', { after: 1 }), answers };
    expect(shownRows([alone], 'all')).toHaveLength(1);
    for (const filter of ['changed', 'better', 'worse'] as const)
      expect(shownRows([alone], filter)).toEqual([]);
  });

  it('offers right and wrong only where answers are right or wrong', () => {
    expect(filtersFor('right')).toContain('wrong');
    expect(filtersFor('chrf')).not.toContain('wrong');
  });
});

describe('simpler ways', () => {
  it('stand with their score, the best first, also where nobody measured their time', () => {
    const score = (value: number, rows: number) => ({
      name: 'similarity' as const,
      rows,
      ...about(value, 0.02),
    });
    const rows = rivalRows([
      { name: 'copy', score: score(0.46, 100), lead: about(0.1), seconds: 0.4 },
      { name: 'examples', score: score(0.52, 20), lead: about(-0.01), seconds: null },
    ]);
    expect(rows.map(({ way, score: own, rows: asked, seconds }) => [way, own, asked, seconds])).toEqual([
      ['The base model with examples in its prompt', '52% (50% to 54%)', '20', '–'],
      ['Copying the question', '46% (44% to 48%)', '100', expect.stringMatching(/s$/)],
    ]);
    expect(rivalColumns(score(0.5, 100))[1]!.label).toBe('Similarity (chrF)');
  });
});

describe('a confusion table', () => {
  it('has wanted labels as rows, and as columns also those that were given', () => {
    const view = confusionView({
      labels: ['a', 'b', 'c'],
      counts: [
        [8, 1, 0, 1],
        [0, 0, 0, 0],
        [0, 0, 5, 0],
      ],
    });
    expect(view.columns).toEqual(['a', 'b', 'c', 'none of them']);
    expect(view.rows.map(({ label }) => label)).toEqual(['a', 'c']);
    expect(view.rows[0]?.cells[0]).toEqual({ count: 8, right: true, share: 0.8 });
    expect(view.rows[1]?.cells.map(({ right }) => right)).toEqual([false, false, true, false]);
  });
});

const info = (name: string, fallback: string): SettingInfo => ({
  ...{ name, fallback, about: '', group: '', kind: 'number', choices: [], min: null, max: null },
});

describe('settings beside their defaults', () => {
  const infos = [
    info('learningRate', '2e-4 for lora, 2e-5 for full'),
    info('lora.rank', '16'),
    info('lora.alpha', '2 x rank'),
    info('epochs', '3, or as many as --max-steps needs'),
    info('packing', 'true'),
    info('threads', 'physical cores'),
    info('schedule', 'cosine'),
    info('evalEvery', 'auto'),
    info('maxSteps', 'not set'),
  ];
  const changed = (config: Record<string, unknown>) =>
    settingRows(config, infos)
      .filter((one) => one.changed === true)
      .map(({ name }) => name);

  it('are not marked where they are the default, in whatever words that is written', () => {
    const config = {
      method: 'lora',
      learningRate: 2e-4,
      lora: { rank: 16, alpha: 32 },
      epochs: 3,
      packing: true,
    };
    expect(changed({ ...config, schedule: 'cosine' })).toEqual([]);
  });

  it('are marked where they differ', () => {
    const config = {
      method: 'full',
      learningRate: 2e-4,
      lora: { rank: 8, alpha: 32 },
      epochs: 1,
      packing: false,
    };
    expect(changed({ ...config, schedule: 'linear' })).toEqual([
      ...['learningRate', 'lora.rank', 'lora.alpha', 'epochs', 'packing', 'schedule'],
    ]);
  });

  it('are marked where the default is a word or nothing at all', () => {
    expect(changed({ evalEvery: 6, maxSteps: 24 })).toEqual(['evalEvery', 'maxSteps']);
    expect(changed({ evalEvery: 'auto' })).toEqual([]);
  });

  it('are left open where the default cannot be compared', () => {
    const threads = settingRows({ threads: 4 }, infos).find(({ name }) => name === 'threads');
    expect(threads?.changed).toBeNull();
  });

  it('have rates as they are written everywhere', () => {
    const [rate] = settingRows({ method: 'full', learningRate: 0.0002 }, infos).filter(
      ({ name }) => name === 'learningRate',
    );
    expect(rate).toMatchObject({ value: '2e-4', changed: true });
  });

  it('have the titles and values that plan and form call them by', () => {
    const config = { lora: { rank: 16 }, optimizer: 'adamw', packing: true };
    const titled = settingRows(config, [
      info('lora.rank', '16'),
      info('optimizer', 'adamw'),
      info('packing', 'true'),
    ]);
    expect(titled.map(({ title, value }) => [title, value])).toEqual([
      ['Rank', '16'],
      ['Optimizer', 'AdamW'],
      ['Packing', 'on'],
    ]);
  });

  it('come after those that the schema does not know', () => {
    const rows = settingRows({ something: { new: [1, 2] } }, infos);
    expect(rows.at(-1)).toMatchObject({ name: 'something.new', value: '1, 2', changed: null });
  });
});

const run = (name: string, change: Partial<RunRow> = {}): RunRow => ({
  ...{
    id: name,
    name,
    state: 'done',
    model: 'm',
    data: 'd',
    method: 'lora',
    learned: 'yes',
    forgot: 'nothing',
  },
  ...{ bestLoss: 1, seconds: 100, created: '2026-01-01T00:00:00Z', tags: [] },
  ...change,
});
const point = (step: number, loss: number) => ({ step, loss, perplexity: 2, labelledTokens: 9, best: true });
const curve = (step: readonly number[], evals: RunCurves['evals']): RunCurves => ({
  ...{ step, loss: step.map(() => 2), learningRate: step, tokensPerSecond: step },
  ...{ memoryBytes: step, recorded: step.length, evals },
});

describe('runs over each other', () => {
  const runs = [run('a'), run('a')];
  const curves = [curve([1, 3], [point(3, 1)]), curve([2, 3], [point(2, Number.NaN)])];

  it('share an axis, with gaps where a run has no point', () => {
    const { xs, series } = trainingLoss(runs, curves, 'nats');
    expect(xs).toEqual([1, 2, 3]);
    expect(series.map(({ values }) => values.map((value) => value !== null))).toEqual([
      [true, false, true],
      [false, true, true],
    ]);
  });

  it('have no point where the loss is no number', () => {
    expect(heldOutLoss(runs, curves, 'nats').series.map(({ values }) => values)).toEqual([
      [null, 1],
      [null, null],
    ]);
  });

  it('can be told apart though they have one name', () => {
    expect(namesOf(runs)).toEqual(['a', 'a (2)']);
  });

  it('differ in settings that are named as in the plan step', () => {
    const rows = comparedRows([
      { name: 'learningRate', values: ['0.0002', '0.002', 'not set'] },
      { name: 'quant', values: ['int', 'nf4', 'not set'] },
    ]);
    expect(rows).toEqual([
      { name: 'Learning rate', values: ['2e-4', '2e-3', 'not set'] },
      { name: 'Quantisation format', values: ['evenly spaced', 'NF4', 'not set'] },
    ]);
  });

  it('have a row for each figure and a value for each run', () => {
    const rows = resultRows([run('a'), run('b', { learned: null, bestLoss: null })]);
    expect(rows[0]).toEqual({ name: 'Learned', values: ['Learned', '–'] });
    expect(rows.every(({ values }) => values.length === 2)).toBe(true);
    const score = { name: 'known' as const, rows: 112, value: 0.84, low: 0.76, high: 0.9 };
    const rival = { name: 'counter' as const, score, lead: score, seconds: 1 };
    const scored = resultRows([run('a', { score, rival }), run('b')]);
    expect(scored.find(({ name }) => name === 'Score')!.values).toEqual([
      'Knows the answer: 84% (76% to 90% on 112 test rows)',
      'not measured',
    ]);
    expect(scored.find(({ name }) => name === 'Simpler way')!.values).toEqual([
      'Word counts: 84% right',
      'not measured',
    ]);
  });
});

describe('the selection', () => {
  it('is toggled and keeps its order', () => {
    expect(toggled(toggled(toggled([], 'a'), 'b'), 'a')).toEqual(['b']);
  });

  it.each([
    [0, 'few'],
    [1, 'few'],
    [2, 'yes'],
    [8, 'yes'],
    [9, 'many'],
  ] as const)('of %i can be compared: %s', (count, can) => {
    expect(comparable(count)).toBe(can);
  });
});

describe('sizes of saved copies', () => {
  const start = { parameters: 100e6, trainableParameters: 1e6 } as NonNullable<
    Parameters<typeof copyBytes>[0]['start']
  >;
  it('follow from the weights and the bits of the type', () => {
    expect(copyBytes({ start }, 'gguf', 'q8_0')).toBe(106.25e6);
    expect(copyBytes({ start }, 'safetensors', 'f16')).toBe(200e6);
    expect(copyBytes({ start }, 'peft', 'f32')).toBe(4e6);
    expect(copyBytes({ start: null }, 'gguf', 'f16')).toBeNull();
  });

  it('offer quantised types for GGUF alone', () => {
    expect(typesOf('safetensors').some((type) => type.startsWith('q'))).toBe(false);
    expect(typesOf('gguf')).toContain('q4_0');
  });
});
