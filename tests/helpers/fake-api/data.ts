/** The fake API's data, doctor and plan: one small table whatever the file. */
import type { RunPrice } from '../../../main/engine/protocol.ts';
import { estimate } from '../../../main/plan/estimate.ts';
import { fitOf } from '../../../main/plan/fit.ts';
import type {
  DataLook,
  DoctorReport,
  PlanFigures,
  RowPreview,
  SampleSet,
  SettingInfo,
} from '../../../preload/contract.ts';
import { madeUpPrice, madeUpWork } from '../run-price.ts';
import { fakeMeasured } from './rates.ts';

const ROWS = [
  ['My parcel arrived broken.', '{"topic":"damage","urgent":true}'],
  ['Where do I find my invoice?', '{"topic":"billing","urgent":false}'],
  ['I cannot sign in any more.', '{"topic":"account","urgent":true}'],
] as const;

export const fakeSamples: readonly SampleSet[] = [
  'Support messages',
  'Formal tone',
  'Product descriptions',
].map((title) => {
  const name = title.toLowerCase().replace(' ', '-');
  const file = `/app/resources/samples/${name}`;
  return {
    name,
    title,
    goal: 'Sorts what customers write into topics.',
    rows: 500,
    path: `${file}.jsonl`,
    heldOut: `${file}.held-out.jsonl`,
    card: `# ${title}\n\nMade up for practice.`,
  };
});

/** A look at files; one whose name says that it is unclear has columns that say nothing. */
export function fakeLook(paths: readonly string[]): DataLook {
  if (paths.some((path) => path.includes('unclear'))) return unclearLook(paths);
  return {
    files: paths.map((path) => ({
      path,
      format: 'JSON Lines',
      kind: 'question-answer',
      map: 'prompt=message,answer=label',
      reason: 'The columns are called message and label.',
      confidence: 0.93,
      alternatives: [{ kind: 'text', map: 'text=message', confidence: 0.2 }],
      columns: [
        { name: 'message', filled: 1, example: ROWS[0][0] },
        { name: 'label', filled: 1, example: ROWS[0][1] },
      ],
      rows: 500,
      badRows: 0,
    })),
    rows: 500,
    badRows: 0,
    problems: [],
    notes: [],
    first: ROWS.map(([content, answer], index) => ({
      where: `rows.jsonl:${index + 1}`,
      kind: 'chat',
      turns: [
        { role: 'user', content },
        { role: 'assistant', content: answer },
      ],
      contextTurns: 0,
    })),
    raw: { columns: ['message', 'label'], rows: ROWS.map((row) => [...row]) },
    problem: null,
  };
}

function unclearLook(paths: readonly string[]): DataLook {
  return {
    ...{ files: [], rows: 0, badRows: 0, problems: [], notes: [], first: [] },
    raw: { columns: ['a', 'b'], rows: ROWS.map((row) => [...row]) },
    problem: {
      code: 'columns-unclear',
      message: `It is not clear which columns of ${paths[0]?.split('/').at(-1)} are what.`,
      hint: 'Say which column holds the question and which the answer.',
    },
  };
}

const tokens = (text: string) =>
  (text.match(/\s?\S{1,5}/g) ?? []).map((piece, index) => ({ id: 100 + index, text: piece }));

export function fakePreview(from: number, count: number): RowPreview[] {
  return Array.from({ length: count }, (_, index) => {
    const [message, label] = ROWS[(from + index) % ROWS.length] ?? ROWS[0];
    const before = `<|im_start|>system\nSort the messages of customers.<|im_end|>\n<|im_start|>user\n${message}<|im_end|>\n<|im_start|>assistant\n`;
    const answer = `${label}<|im_end|>`;
    return {
      where: `rows.jsonl:${from + index + 1}`,
      tokens: 52,
      trainedTokens: 17,
      cutTokens: 0,
      pieces: [
        { text: before, trained: false, cut: false, tokens: tokens(before) },
        { text: answer, trained: true, cut: false, tokens: tokens(answer) },
      ],
    };
  });
}

export function fakeReport(paths: readonly string[], fixes: readonly string[] = []): DoctorReport {
  return {
    files: [...paths],
    rows: 500,
    unreadable: 0,
    findings: [
      {
        code: 'copies',
        title: 'The same row more than once',
        severity: 'harm',
        rows: 24,
        share: 0.048,
        why: 'Rows that repeat count more than the others, and the model learns them by heart.',
        detail: '24 rows are copies of 11 others.',
        examples: [
          { where: 'rows.jsonl:12', text: ROWS[0][0], beside: { where: 'rows.jsonl:40', text: ROWS[0][0] } },
        ],
        fix: {
          name: 'drop-copies',
          does: 'Keeps the first of each.',
          safe: true,
          preview: [{ where: 'rows.jsonl:40', before: ROWS[0][0], after: null }],
        },
      },
      {
        code: 'labels-uneven',
        title: 'One label has most of the rows',
        severity: 'warning',
        rows: 310,
        share: 0.62,
        why: 'A model that always gives it would be right in 62 of 100 rows.',
        detail: '',
        examples: [],
        fix: null,
      },
    ],
    notes: ['Read as UTF-8.'],
    lengths: {
      counted: true,
      tokens: 26_000,
      median: 48,
      most: 310,
      histogram: [
        { upTo: 32, rows: 90 },
        { upTo: 64, rows: 260 },
        { upTo: 128, rows: 120 },
        { upTo: 256, rows: 26 },
        { upTo: 512, rows: 4 },
      ],
    },
    labels: [
      {
        field: 'topic',
        values: [
          { value: 'billing', rows: 310 },
          { value: 'damage', rows: 190 },
        ],
      },
    ],
    repair:
      fixes.length === 0
        ? null
        : {
            out: '/home/mo/.local/share/fettle/mended/rows.jsonl',
            undo: '/home/mo/.local/share/fettle/mended/rows.undo.json',
            keptRows: 476,
            changedRows: 0,
            droppedRows: 24,
            unreadableRows: 0,
            fixes: fixes.map((name) => ({ name, changed: 0, dropped: 24 })),
          },
    seconds: 0.4,
    peakRssBytes: 90e6,
  };
}

/** The figures of a run on the practice model, by the planner's own arithmetic from a made-up price. */
export function fakeFigures(settings: Readonly<Record<string, unknown>>, freeBytes = 21.4e9): PlanFigures {
  const trained = settings.method === 'full' ? 8.4e6 : 0.4e6;
  const device = typeof settings.device === 'string' ? settings.device : 'cpu';
  const price = { ...fakePrice(trained, Number(settings.epochs ?? 3)), device };
  const card = device === 'cpu' ? null : { device, name: '' };
  const { rates } = fakeMeasured(new Date(0).toISOString(), undefined, card);
  const grounds = { rates, platform: 'linux', probe: null };
  const none = { memory: [], step: [] };
  const figures = estimate(price, { ...grounds, residuals: none, watts: 55, pricePerKwh: 0.33 });
  return {
    ...price,
    parameters: 8.4e6,
    trainableParameters: trained,
    rows: 500,
    heldOutRows: 60,
    tokens: 26_000,
    labelledTokens: 9_100,
    ...{
      rowsPerBatch: 4,
      rowLength: 256,
      stateBytes: 16 * trained,
      workingBytes: 212e6,
      flopsPerBatch: 3.2e10,
    },
    estimate: figures,
    peakBytes: figures.neededBytes.value,
    ...{ freeBytes, fit: fitOf(figures.neededBytes, freeBytes) },
    seconds: figures.totalSeconds?.value ?? null,
    kwh: figures.kwh?.value ?? null,
    cost: figures.cost?.value ?? null,
    config: { method: 'lora', epochs: 3, learningRate: 2e-3, maxLength: 256, ...settings },
  };
}

function fakePrice(trained: number, epochs: number): RunPrice {
  const price = madeUpPrice({
    steps: Math.round((152 / 3) * epochs),
    flops: 1.1e11,
    weightBytes: trained > 1e6 ? 0 : 34e6,
  });
  const [weight, gradient] = [4 * trained, 4 * trained];
  const held = { trainedBytes: weight, gradientBytes: gradient, optimizerBytes: 2 * weight };
  const values = {
    activationBytes: 171e6,
    logitBytes: 41e6,
    heapBytes: 9e6,
    sessionBytes: 16e6,
    mappings: 2,
  };
  const work = {
    ...price.work,
    evaluation: madeUpWork(4e10),
    evaluationBatches: 4,
    evaluations: 9,
    evaluationTokens: 1024,
  };
  return {
    ...price,
    memory: { ...held, ...values },
    work: { ...work, assessmentTokens: [40_000, 120_000], writtenBytes: 10 * weight },
  };
}

const setting = (name: string, group: string, more: Partial<SettingInfo> = {}): SettingInfo => ({
  name,
  about: 'What it does in one line.',
  group,
  kind: 'number',
  choices: [],
  min: 0,
  max: null,
  fallback: '3',
  ...more,
});

export const fakeSettings: readonly SettingInfo[] = [
  setting('method', 'Method', { kind: 'choice', choices: ['lora', 'full'], fallback: 'lora' }),
  setting('lora.rank', 'Method', { kind: 'integer', min: 1, max: 512, fallback: '16' }),
  setting('epochs', 'Training'),
  setting('learningRate', 'Training', { fallback: '2e-4 for lora, 2e-5 for full' }),
  setting('packing', 'Rows', { kind: 'boolean', fallback: 'true' }),
  setting('maxLength', 'Rows', { kind: 'integer', min: 8, fallback: '1024' }),
];
