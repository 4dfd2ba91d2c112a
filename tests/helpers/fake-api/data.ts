/** The fake API's data and doctor: one small table whatever the file. */
import type {
  DataLook,
  DoctorReport,
  EditableAsked,
  EditableRows,
  RowPreview,
  SampleResult,
  SampleSet,
} from '../../../common/api/contract.ts';
import type { CurveResult } from '../../../common/protocol/protocol.ts';
import { conflictingAnswers, exactDuplicates } from '../../../main/rows/doctor/checks/duplicates.ts';
import type { CorpusCheck } from '../../../main/rows/doctor/finding.ts';
import { ROW_COUNT, rowLengths } from './rows.ts';

const ROWS = [
  ['My parcel arrived broken.', '{"desk":"R17","class":"C"}'],
  ['Where do I find my invoice?', '{"desk":"R48","class":"C"}'],
  ['I cannot sign in any more.', '{"desk":"R35","class":"C"}'],
] as const;

/** Questions with a better and a worse answer. */
const PAIRS = [
  ['My parcel arrived broken.', 'I am sorry. We will send a new one today.', 'Then send it back.'],
  ['Where do I find my invoice?', 'It is under Orders. Shall I send it to you?', 'Look under Orders.'],
  ['I cannot sign in any more.', 'I can help. Does the page say why?', 'Try again.'],
] as const;
const isPairs = (paths: readonly string[]) => paths.some((path) => path.includes('pairs'));

/** What a model learned from a sample. */
function learnedFrom(sample: string): SampleResult {
  const sorts = sample === 'support-messages';
  const between = (value: number) => ({ value, low: value - 0.08, high: value + 0.08 });
  return {
    ...{ sample, model: 'SmolLM2-135M-Instruct', file: 'SmolLM2-135M-Instruct.Q4_1.gguf' },
    ...{ date: '2026-12-01', version: '0.1.0', commit: 'e08b6398', flags: '--epochs 3', rows: 600 },
    machine: { processor: 'Example processor', threads: 1, totalMemory: 24e9 },
    score: { name: sorts ? 'known' : 'similarity', rows: 112, ...between(sorts ? 0.81 : 0.42) },
    before: between(0.2),
    ...(sorts ? { learned: 'yes', forgot: 'much' } : { learned: 'partly', forgot: 'little' }),
    quiz: { items: 205, before: between(0.36), after: between(0.21) },
    fell: sorts ? ['arithmetic'] : [],
    costs: {
      training: { seconds: 310, processorSeconds: 244, load: [1, 1] },
      comparison: { seconds: 90, processorSeconds: 80, load: [1, 1] },
    },
    answers: ROWS.map(([prompt, wanted]) => ({
      ...{ prompt, wanted, before: 'I am sorry to hear that!', after: wanted },
    })),
  };
}

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
    goal: 'Sends what customers write to the right desk.',
    rows: 600,
    path: `${file}.jsonl`,
    heldOut: `${file}.held-out.jsonl`,
    card: `# ${title}\n\nMade up for practice.`,
    results: name === 'formal-tone' ? [] : [learnedFrom(name)],
  };
});

/** A look at files; one whose name says that it is unclear has columns that say nothing. */
export function fakeLook(paths: readonly string[]): DataLook {
  if (paths.some((path) => path.includes('unclear'))) return unclearLook(paths);
  if (isPairs(paths)) return pairsLook(paths);
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
      rows: ROW_COUNT,
      badRows: 0,
    })),
    rows: ROW_COUNT,
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
    raw: paths.some((path) => path.includes('several-columns'))
      ? {
          columns: ['message', 'label', 'grade'],
          rows: [...ROWS, ...ROWS, ...ROWS].map((row, i) => [...row, String(1 + (i % 3))]),
        }
      : { columns: ['message', 'label'], rows: ROWS.map((row) => [...row]) },
    problem: null,
  };
}

function pairsLook(paths: readonly string[]): DataLook {
  const columns = ['prompt', 'chosen', 'rejected'];
  const answer = (content: string) => [{ role: 'assistant', content }];
  return {
    ...{ rows: ROW_COUNT, badRows: 0, problems: [], notes: [], problem: null },
    files: paths.map((path) => ({
      ...{ path, format: 'JSON Lines', kind: 'preference', map: null, confidence: 1 },
      reason: 'It has better and worse answers.',
      ...{ alternatives: [], rows: ROW_COUNT, badRows: 0 },
      columns: columns.map((name, i) => ({ name, filled: 1, example: PAIRS[0][i]! })),
    })),
    first: PAIRS.map(([content, better, worse], index) => ({
      ...{ where: `pairs.jsonl:${index + 1}`, kind: 'chat', contextTurns: 0 },
      turns: [{ role: 'user', content }, ...answer(better)],
      rejected: [{ role: 'user', content }, ...answer(worse)],
    })),
    raw: { columns, rows: PAIRS.map((row) => [...row]) },
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

/** Rows to edit, with the same few texts again and again; those that are looked for are all there. */
export function fakeRows({ from, count, like }: EditableAsked): EditableRows {
  if (like) {
    const found = like.map(({ text, answer }, i) => ({
      ...{ number: 3 + 40 * i, kind: 'completion' as const, isLong: false, like: i },
      turns: [
        { role: 'user', content: text },
        { role: 'assistant', content: answer },
      ],
    }));
    return { rows: found, total: ROW_COUNT };
  }
  const numbers = Array.from({ length: count }, (_, i) => from + i).filter((n) => n < ROW_COUNT);
  const rows = numbers.map((number) => {
    const [content, answer] = ROWS[number % ROWS.length]!;
    const turns = [
      { role: 'user', content },
      { role: 'assistant', content: answer },
    ];
    return { number, kind: 'completion' as const, turns, isLong: false };
  });
  return { rows, total: from === 0 ? ROW_COUNT : null };
}

const tokens = (text: string) =>
  (text.match(/\s?\S{1,5}/g) ?? []).map((piece, index) => ({ id: 100 + index, text: piece }));

/** A row as the model sees it: what leads to the answer, and the answer, which is learned. */
function previewed(where: string, before: string, answer: string) {
  const [context, trained] = [tokens(before), tokens(answer)];
  return {
    where,
    tokens: context.length + trained.length,
    trainedTokens: trained.length,
    cutTokens: 0,
    pieces: [
      { text: before, trained: false, cut: false, tokens: context },
      { text: answer, trained: true, cut: false, tokens: trained },
    ],
  };
}

export function fakePreview(paths: readonly string[], from: number, count: number): RowPreview[] {
  return Array.from({ length: count }, (_, index) => {
    const [message, answer, worse] = (isPairs(paths) ? PAIRS : ROWS)[(from + index) % ROWS.length]!;
    const where = `rows.jsonl:${from + index + 1}`;
    const system = isPairs(paths) ? '' : '<|im_start|>system\nSort the messages of customers.<|im_end|>\n';
    const before = `${system}<|im_start|>user\n${message}<|im_end|>\n<|im_start|>assistant\n`;
    const asSeen = (text: string) => previewed(where, before, `${text}<|im_end|>`);
    return {
      ...asSeen(answer),
      systemFolded: false,
      toolsFolded: false,
      ...(worse && { worse: asSeen(worse) }),
    };
  });
}

/** Rows that are copies of others. */
const COPIES = 24;
const CONFLICTS = 6;
const MOST_COMMON = { value: 'R48', rows: 310 };
const LABELS = [
  MOST_COMMON,
  { value: 'R17', rows: 120 },
  { value: 'R35', rows: ROW_COUNT - MOST_COMMON.rows - 120 },
];

/** A finding's words, as the check has them. */
const wordsOf = ({ kind: { code, title, severity, why, fix } }: CorpusCheck) => ({
  code,
  title,
  severity,
  why,
  fix,
});

/** What the doctor finds; nothing in a file that is called tidy, copies alone in one that is called so. */
export function fakeReport(paths: readonly string[], fixes: readonly string[] = []): DoctorReport {
  const is = (name: string) => paths.some((path) => path.includes(name));
  const at = (row: number) => `${paths[0] ?? 'rows.jsonl'}:${row}`;
  const findings: DoctorReport['findings'] = [
    {
      ...wordsOf(conflictingAnswers),
      rows: CONFLICTS,
      share: CONFLICTS / ROW_COUNT,
      detail: `${CONFLICTS / 2} questions with more than one answer.`,
      examples: [
        {
          where: at(7),
          text: `${ROWS[1][0]} ${ROWS[1][1]}`,
          beside: { where: at(31), text: `${ROWS[1][0]} ${ROWS[2][1]}` },
        },
      ],
    },
    {
      ...wordsOf(exactDuplicates),
      rows: COPIES,
      share: COPIES / ROW_COUNT,
      detail: `${COPIES} rows are copies of 11 others.`,
      examples: [{ where: at(12), text: ROWS[0][0], beside: { where: at(40), text: ROWS[0][0] } }],
    },
  ].map(({ fix, ...finding }) => ({
    ...finding,
    fix: fix && { ...fix, preview: [{ where: at(40), before: ROWS[0][0], after: null }] },
  }));
  return {
    files: [...paths],
    rows: ROW_COUNT,
    unreadable: 0,
    findings: is('tidy') ? [] : findings.slice(is('copies') ? 1 : 0),
    notes: ['Read as UTF-8.'],
    lengths: rowLengths,
    labels: [
      {
        field: 'desk',
        values: LABELS,
      },
    ],
    repair:
      fixes.length === 0
        ? null
        : {
            out: '/home/mo/.local/share/fettle/mended/rows.jsonl',
            undo: '/home/mo/.local/share/fettle/mended/rows.undo.json',
            keptRows: ROW_COUNT - COPIES,
            changedRows: 0,
            droppedRows: COPIES,
            unreadableRows: 0,
            fixes: fixes.map((name) => ({ name, changed: 0, dropped: COPIES })),
          },
    seconds: 0.4,
    peakRssBytes: 90e6,
  };
}

/** What more rows would bring. */
export const fakeMore: CurveResult = {
  ...{ method: 'words', encoder: null, categories: 3, fields: null, skippedRows: 0, seconds: 2 },
  points: [
    { rows: 40, asked: 400, wrong: 132 },
    { rows: 80, asked: 400, wrong: 96 },
    { rows: 160, asked: 400, wrong: 72 },
    { rows: 320, asked: 400, wrong: 56 },
  ],
  forecasts: [
    { rows: 400, accuracy: { value: 0.87, low: 0.83, high: 0.9 }, isClose: true },
    { rows: 800, accuracy: { value: 0.9, low: 0.85, high: 0.94 }, isClose: true },
    { rows: 1600, accuracy: { value: 0.93, low: 0.85, high: 0.97 }, isClose: true },
  ],
  gains: [
    { answer: 'account', rows: 90, wrong: 26 },
    { answer: 'delivery', rows: 150, wrong: 22 },
  ],
};
