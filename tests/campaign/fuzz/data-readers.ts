/** Readers of people's data: tables and records as rows to train on. */
import { globSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { AppError } from '../../../common/errors.ts';
import { parseDoctorConfig } from '../../../main/engine/config/config.ts';
import { rowEncoder } from '../../../main/engine/data/tokens/encode.ts';
import { loadTokenizer } from '../../../main/engine/data/tokens/tokenizer/load.ts';
import { checkData } from '../../../main/engine/session/session.ts';
import { readLooseRows } from '../../../main/rows/read-rows.ts';
import { strictRow } from '../../../main/rows/schema.ts';
import { TOKENIZERS } from '../../helpers/tokenizer-families.ts';
import { workbook } from '../../helpers/workbook.ts';
import { type Kind, type Reader, type Seed, seedAt, seedOf, TESTS, TINY } from './reader.ts';

const never = new AbortController().signal;

const TABLE = [
  ['question', 'answer'],
  ...Array.from({ length: 12 }, (_, i) => [`Where is room ${i}?`, `On floor ${i}.`]),
];
const linesOf = (rows: readonly unknown[]) => Buffer.from(rows.map((row) => JSON.stringify(row)).join('\n'));
const JSON_LINES = linesOf(TABLE.slice(1).map(([question, answer]) => ({ question, answer })));

/** Data files of one kind: those of `tests/fixtures/messy` and some made here. */
function tableReader(name: string, pattern: string, kind: Kind, more: readonly Seed[] = []): Reader {
  return {
    name,
    async open(folder) {
      const messy = globSync(`${TESTS}/fixtures/messy/${pattern}`).map((file) =>
        seedAt(file, file.endsWith('.gz') ? 'bytes' : kind),
      );
      return {
        seeds: [...messy.filter(({ bytes }) => bytes.length > 0), ...more],
        async read(bytes, seed) {
          // the reader goes by the content and the name
          const file = path.join(folder, seed);
          writeFileSync(file, bytes);
          for await (const _ of readLooseRows([file], { onBadRow: () => {}, onNote: () => {} }));
        },
      };
    },
  };
}

const WEATHER = {
  type: 'function',
  function: {
    name: 'weather',
    description: 'The weather of a town',
    parameters: { type: 'object', properties: { town: { type: 'string' } }, required: ['town'] },
  },
};
const CALL = { type: 'function', id: '1', function: { name: 'weather', arguments: '{"town": "Ulm"}' } };
const ask = (content: string) => ({ role: 'user', content });
const say = (content: string | null, more = {}) => ({ role: 'assistant', content, ...more });
const turn = (from: string, value: string) => ({ from, value });
const HERMES = '<tool_call>\n{"name": "weather", "arguments": {"town": "Ulm"}}\n</tool_call>';

/** Records in every shape that becomes rows: conversations, tools, thinking, better and worse answers, ratings. */
const SHAPES: Readonly<Record<string, unknown>> = {
  chat: { messages: [{ role: 'system', content: 'Be brief.' }, ask('Hi'), say('Hello'), ask('x'), say('y')] },
  openai: {
    messages: [
      ask('Is it cold?'),
      say(null, { tool_calls: [CALL] }),
      { role: 'tool', tool_call_id: '1', content: '{"degrees": 3}' },
      say('Yes, 3 degrees.'),
    ],
    tools: [WEATHER],
  },
  function: {
    messages: [ask('Cold?'), say(null, { function_call: CALL.function })],
    functions: [WEATHER.function],
  },
  sharegpt: {
    conversations: [
      turn('human', 'Cold?'),
      turn('function_call', '{"name": "weather", "arguments": {"town": "Ulm"}}'),
      turn('observation', '{"degrees": 3}'),
      turn('gpt', 'Yes.'),
    ],
    tools: JSON.stringify([WEATHER]),
  },
  hermes: {
    conversations: [
      turn('system', `You have tools.\n<tools>${JSON.stringify([WEATHER])}</tools>`),
      turn('human', 'Cold?'),
      turn('gpt', HERMES),
      turn('tool', '<tool_response>\n{"degrees": 3}\n</tool_response>'),
      turn('gpt', 'Yes.'),
    ],
  },
  thinking: { messages: [ask('2 + 2?'), say('<think>\nTwo and two.\n</think>\n\n4')] },
  reasoning: { messages: [ask('2 + 2?'), say('4', { reasoning_content: 'Two and two.' })] },
  alpaca: { instruction: 'Say it kindly', input: 'No.', output: 'Sorry, no.' },
  completion: { prompt: 'The sky is', completion: ' blue.', system: 'Be brief.' },
  text: { text: 'It was a dark and stormy night. '.repeat(20) },
  pair: { prompt: 'Hi', chosen: 'Hello!', rejected: 'What?', score_chosen: 8, score_rejected: 2 },
  conversations: { chosen: [ask('Hi'), say('Hello!')], rejected: [ask('Hi'), say('What?')] },
  rated: { prompt: 'Hi', completion: 'Hello!', label: true },
  ratings: { instruction: 'Hi', generations: ['Hello!', 'What?'], ratings: [4, 1] },
  winner: { prompt: 'Hi', response_a: 'Hello!', response_b: 'What?', winner: 'model_a' },
};

/** All that becomes of records: rows, tokens under two templates, the data check and its repaired file. */
const trainingRows: Reader = {
  name: 'training rows',
  async open(folder) {
    const tiny = await loadTokenizer(TINY);
    const encoders = [
      ...(['better', 'rated', undefined] as const).map((pairs) => rowEncoder(tiny, 'answers', pairs)),
      // its template knows tools and thinking
      rowEncoder(await loadTokenizer(path.join(TOKENIZERS, 'qwen3')), 'answers'),
    ];
    const [file, out] = ['rows.jsonl', 'repaired.jsonl'].map((name) => path.join(folder, name)) as [
      string,
      string,
    ];
    const config = parseDoctorConfig({ data: file, fix: ['all'], out, overwrite: true });
    return {
      seeds: Object.entries(SHAPES).map(([name, row]) => seedOf(name, 'jsonl', linesOf([row, row]))),
      async read(bytes) {
        writeFileSync(file, bytes);
        for await (const { row, where } of readLooseRows([file], { onBadRow: () => {}, onNote: () => {} }))
          for (const encode of encoders) unlessRefused(() => encode(strictRow(row, where)));
        await checkData(config, { emit: () => {}, stop: never });
      },
    };
  },
};

/** A row that is refused is left out of a training. */
function unlessRefused(work: () => unknown): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
  }
}

export const DATA_READERS: readonly Reader[] = [
  tableReader('jsonl', '*.{jsonl,json,jsonl.gz}', 'jsonl', [
    seedOf('made.jsonl', 'jsonl', JSON_LINES),
    seedOf('made.jsonl.gz', 'bytes', gzipSync(JSON_LINES)),
  ]),
  tableReader('csv', '*.{csv,tsv,txt,md}', 'text'),
  tableReader('parquet', '*.parquet', 'bytes'),
  tableReader('xlsx', '*.xlsx', 'zip', [
    seedOf('made.xlsx', 'zip', workbook({ Cover: [['Rooms']], Rooms: TABLE })),
  ]),
  trainingRows,
];
