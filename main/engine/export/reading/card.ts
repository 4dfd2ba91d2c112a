/** The README beside an exported encoder or sorter: what it is, how others use it, and how it was checked. */
import path from 'node:path';
import { number } from '../../../../common/words/format.ts';
import { say } from '../../../../common/words/language.ts';
import { marks } from '../../../../common/words/marks.ts';
import { ONNX_FILES } from './forms.ts';

export interface CardFacts {
  readonly as: 'safetensors' | 'onnx' | 'gguf' | 'json';
  readonly type: string;
  readonly name: string;
  /** The encoder; null for word counts. */
  readonly encoder: string | null;
  readonly licence: string | null;
  /** What it sorts into; null for vectors alone. */
  readonly answers: readonly string[] | null;
  /** Of several categories a text: from which score on each is given, where the form has no program that knows it. */
  readonly from: readonly number[] | null;
  /** Whether it gives scores to pairs of texts. */
  readonly ranks?: boolean;
  /** Whether it fills several columns. */
  readonly fills?: boolean;
  readonly prompt: string;
  readonly proved: string;
  /** The GGUF file's name. */
  readonly gguf: string;
}

const EXAMPLE = 'Where is my parcel?';
const PASSAGE = 'Parcels arrive within two days.';

/** Commands and code that use it, as it lies in `out`. */
export function readingUse(
  facts: CardFacts,
  out: string,
): readonly { readonly about: string; readonly command: string }[] {
  const { as, answers, from, type, prompt, gguf } = facts;
  const quoted = JSON.stringify(prompt + EXAMPLE);
  const places = {
    folder: JSON.stringify(path.resolve(out)),
    file: path.join(out.endsWith('.gguf') ? path.dirname(out) : out, gguf),
  };
  if (as === 'json')
    return [
      { about: 'JavaScript', command: `node ${path.join(out, 'sort.mjs')} "${EXAMPLE}"` },
      { about: 'Python', command: `python3 ${path.join(out, 'sort.py')} "${EXAMPLE}"` },
    ];
  if (as === 'gguf') {
    const command = facts.ranks
      ? `llama-server -m ${places.file} --reranking`
      : `llama-embedding -m ${places.file} -p ${quoted}`;
    return [{ about: 'llama.cpp', command }];
  }
  if (facts.ranks) return rankingUse(as, type, { folder: places.folder, out });
  if (as === 'onnx' && facts.fills)
    return [
      { about: 'Transformers.js', command: `node ${path.join(out, 'sort.mjs')} "${EXAMPLE}"` },
      { about: 'onnxruntime', command: `python3 ${path.join(out, 'sort.py')} "${EXAMPLE}"` },
    ];
  if (as === 'onnx') {
    const dtype = type === 'int8' ? 'q8' : 'fp32';
    const task = answers ? 'text-classification' : 'feature-extraction';
    const code = answers
      ? `const sort = await pipeline('${task}', ${places.folder}, { dtype: '${dtype}' }); await sort(${quoted}${from ? ', { top_k: null }' : ''})`
      : `const { sentence_embedding } = await model(tokenizer(${quoted}))`;
    return [
      { about: 'Transformers.js', command: code },
      {
        about: 'onnxruntime',
        command: `InferenceSession(${JSON.stringify(path.join(out, ONNX_FILES[type as 'f32']!))})`,
      },
    ];
  }
  return [
    { about: 'sentence-transformers', command: `SentenceTransformer(${places.folder}).encode([${quoted}])` },
    ...(answers
      ? [{ about: 'Python', command: `python3 ${path.join(out, 'sort.py')} ${out} "${EXAMPLE}"` }]
      : []),
  ];
}

function rankingUse(
  as: CardFacts['as'],
  type: string,
  { folder, out }: Readonly<Record<'folder' | 'out', string>>,
) {
  const [question, passage] = [JSON.stringify(EXAMPLE), JSON.stringify(PASSAGE)];
  if (as !== 'onnx')
    return [
      {
        about: 'sentence-transformers',
        command: `CrossEncoder(${folder}).predict([(${question}, ${passage})])`,
      },
    ];
  const dtype = type === 'int8' ? 'q8' : 'fp32';
  const model = `AutoModelForSequenceClassification.from_pretrained(${folder}, { dtype: '${dtype}' })`;
  return [
    {
      about: 'Transformers.js',
      command: `const model = await ${model}; const { logits } = await model(tokenizer([${question}], { text_pair: [${passage}] }))`,
    },
    {
      about: 'onnxruntime',
      command: `InferenceSession(${JSON.stringify(path.join(out, ONNX_FILES[type as 'f32']!))})`,
    },
  ];
}

/** What a person should know of a form. */
export function readingNotes({ as, answers, from, prompt }: CardFacts): readonly string[] {
  return [
    ...(prompt !== '' && as !== 'json' ? [say`Before each text stands: ${JSON.stringify(prompt)}`] : []),
    ...(answers && from && as === 'onnx'
      ? [
          say`A text can have several categories. Each is given from its own score on: ${answers.map((answer, i) => `${answer} ${number(from[i]!, 2)}`).join(marks().comma)}.`,
        ]
      : []),
    ...(answers && as === 'safetensors'
      ? [
          say`AutoModelForSequenceClassification can't hold this head: its classes pool in another way. sort.py applies head.json to the vectors.`,
        ]
      : []),
    ...(answers && as === 'gguf'
      ? [
          say`GGUF files have no place for a head that sorts: the file gives vectors, and head.json sorts them.`,
        ]
      : []),
  ];
}

export function readingCard(facts: CardFacts): string {
  const { as, name, encoder, licence, answers, proved } = facts;
  const front = [
    ...(encoder === null ? [] : [`base_model: ${JSON.stringify(encoder)}`]),
    ...(licence === null ? [] : [`license: ${licence}`]),
    ...(as === 'safetensors' ? ['library_name: sentence-transformers'] : []),
    ...(as === 'onnx' ? ['library_name: transformers.js'] : []),
    `pipeline_tag: ${answers ? 'text-classification' : facts.ranks ? 'text-ranking' : 'sentence-similarity'}`,
    'tags:',
    '- fettle',
  ];
  const what =
    encoder === null
      ? 'It sorts texts by groups of two to four letters that are counted in them.'
      : answers
        ? `It sorts texts by their vectors, which ${encoder} makes.`
        : facts.ranks
          ? 'It reads a question and a passage together, and says how well the passage answers.'
          : `It makes vectors of texts, as ${encoder} does.`;
  const uses = readingUse(facts, '.').map(({ about, command }) => `${about}:\n\n\`\`\`\n${command}\n\`\`\``);
  return [
    `---\n${front.join('\n')}\n---`,
    `# ${name}`,
    `${what} Made with Fettle.`,
    ...(answers ? [`Categories: ${answers.map((answer) => JSON.stringify(answer)).join(', ')}.`] : []),
    ['## How to use it', ...uses, ...readingNotes(facts)].join('\n\n'),
    `## Is the export right?\n\n${proved}\n`,
  ].join('\n\n');
}
