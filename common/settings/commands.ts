/** The settings of the other commands, each a list of rows: what they share with a training run, and their own. */
import { say } from '../words/language.ts';
import { COMPUTED_BY, ENDPOINT, seed, thorough, threads } from './computing.ts';
import { adapter, baseModel, COLUMNS, data, evalData, model, out, runFolder, sheet } from './files.ts';
import { choice, number, path, paths, setting, text, texts, toggle, whole } from './row.ts';
import { heldOut, maxLength, onBadRow, packing, thinking, tokensPerMicroBatch, trainOn } from './rows.ts';
import { speaking, WEIGHT_TYPES } from './speaking.ts';
import { newTokens } from './training.ts';

const READING = [...COLUMNS, sheet] as const;

/** Of what looks at data alone, without a model. */
export const DATA_SETTINGS = [data, ...READING] as const;

const FIXES = [
  setting('fix', 'Fixes', {
    type: { kind: 'names' },
    about: 'fixes to make, with commas between them; all: the safe ones',
    value: 'NAMES',
    allowed: (value: unknown, { out, preview }) =>
      value === undefined &&
      (out !== undefined || preview === true) &&
      say`{out} and {preview} need {fix}, which names what to change`,
  }),
  setting('out', 'Fixes', {
    type: path,
    about: 'new file for the repaired rows; an undo file is written beside it',
    value: 'FILE',
    alsoCalled: ['output', 'output-file'],
    allowed: (value: unknown, { fix, preview }) =>
      fix !== undefined &&
      value === undefined &&
      !preview &&
      say`{fix} needs {out} for the new file, or {preview} to only look`,
  }),
  setting('preview', 'Fixes', {
    type: toggle,
    default: false,
    about: 'show what the fixes would change without writing anything',
    alsoCalled: ['dry-run'],
  }),
  setting('overwrite', 'Fixes', {
    type: toggle,
    default: false,
    about: 'replace the file of --out if it exists',
    alsoCalled: ['force'],
  }),
] as const;

const TIME = [
  setting('minutes', 'Time', {
    type: number(0.01, 1_000_000),
    about: 'time that you have for training; needs --tokens-per-second',
  }),
  setting('tokensPerSecond', 'Time', {
    type: number(0.001, 1e9),
    about: 'training speed on your computer, as `fettle train` shows it',
    allowed: (value: unknown, { minutes }) =>
      minutes !== undefined &&
      value === undefined &&
      say`{minutes} needs {tokensPerSecond}, the speed of your training`,
  }),
  setting('epochs', 'Time', {
    type: number(0.001, 100_000),
    default: 3,
    about: 'planned passes through the rows',
    alsoCalled: ['num-epochs', 'num-train-epochs'],
  }),
] as const;

/** Of a check of data. */
export const DOCTOR_SETTINGS = [
  data,
  setting('evalData', 'Files', {
    ...evalData,
    about: 'held-out rows, which must not be among the others',
    alsoCalled: ['validation'],
  }),
  setting('model', 'Files', {
    type: path,
    about: 'model whose tokenizer counts tokens; estimated without one',
    value: 'PATH',
    alsoCalled: ['tokenizer'],
  }),
  setting('newTokens', 'Data', {
    ...newTokens,
    allowed: (given: string | readonly string[] | undefined, { model: named }) => [
      ...newTokens.allowed(given),
      named === undefined &&
        newTokens.settle(given as string | string[] | undefined).length > 0 &&
        say`{newTokens} needs {model}, whose tokenizer counts tokens`,
    ],
  }),
  ...FIXES,
  ...READING,
  maxLength,
  heldOut,
  seed,
  ...TIME,
] as const;

/** Of what judges a model. */
const judgedIn = setting('precision', 'Machine', {
  type: choice('auto', 'f32', 'int8'),
  default: 'auto',
  about: 'auto: as it was trained; int8 is quicker, f32 exact',
});

/** Of an evaluation. */
export const EVAL_SETTINGS = [
  model,
  adapter,
  data,
  setting('split', 'Data', {
    type: choice('all', 'held-out'),
    default: 'all',
    about: 'rows to use: all, or those that a run with this seed and share held out',
  }),
  heldOut,
  seed,
  ...READING,
  ...([maxLength, tokensPerMicroBatch, trainOn, thinking, packing, onBadRow] as const),
  judgedIn,
  ...COMPUTED_BY,
] as const;

/** Of an assessment. */
export const ASSESS_SETTINGS = [
  runFolder,
  baseModel,
  setting('rows', 'Questions', {
    type: whole(1, 100_000),
    about: 'held-out rows to ask',
    fallback: '100, or fewer if that would take more than a fifth of the training time',
    alsoCalled: ['limit', 'num-samples'],
  }),
  setting('thorough', 'Questions', {
    ...thorough,
    about: 'ask 100 held-out rows and the whole quiz, however long that takes',
  }),
  seed,
  judgedIn,
  ...COMPUTED_BY,
] as const;

/** Of a blind comparison. */
export const COMPARE_SETTINGS = [
  runFolder,
  baseModel,
  setting('rows', 'Questions', {
    type: whole(1, 100_000),
    default: 10,
    about: 'pairs of answers to judge',
    alsoCalled: ['limit'],
  }),
  seed,
  ...COMPUTED_BY,
] as const;

/** Of a text generation. */
export const GENERATE_SETTINGS = [
  model,
  adapter,
  setting('prompt', 'Text', {
    type: { kind: 'text', mayBeEmpty: true },
    required: true,
    about: 'message to the model',
    value: 'TEXT',
  }),
  setting('system', 'Text', {
    type: { kind: 'text', mayBeEmpty: true },
    about: 'system message',
    value: 'TEXT',
  }),
  setting('raw', 'Text', {
    type: toggle,
    default: false,
    about: 'continue the prompt without the chat template',
  }),
  setting('maxNewTokens', 'Sampling', {
    type: whole(1, 1_000_000),
    default: 256,
    about: 'longest answer, in tokens',
    alsoCalled: ['max-tokens', 'max-length', 'n-predict', 'num-predict'],
  }),
  setting('temperature', 'Sampling', {
    type: number(0, 10),
    default: 0,
    about: 'randomness; 0: always the most likely token',
    alsoCalled: ['temp'],
  }),
  setting('topP', 'Sampling', {
    type: number(0.0001, 1),
    default: 1,
    about: 'draw from the most likely tokens with this total probability',
    value: 'SHARE',
  }),
  setting('topK', 'Sampling', {
    type: whole(0, 1_000_000),
    default: 0,
    about: 'draw from this many most likely tokens; 0: all',
  }),
  seed,
  ...COMPUTED_BY,
] as const;

/** Of an export. */
export const EXPORT_SETTINGS = [
  setting('run', 'Files', {
    type: path,
    about: 'folder of a run, or of an adapter together with --model',
    value: 'FOLDER',
    alsoCalled: ['adapter'],
    allowed: (value: unknown, { model: named }) =>
      value === undefined &&
      named === undefined &&
      say`{run} is missing: name the folder of a run, or a {model} to export as it is`,
  }),
  setting('model', 'Files', {
    type: path,
    about: 'model to export as it is; with --run: its base model, if it has moved',
    value: 'PATH',
    alsoCalled: ['base', 'base-model'],
  }),
  setting('out', 'Files', {
    ...out,
    about: 'new folder, or for GGUF a new .gguf file',
    value: 'PATH',
    alsoCalled: ['output', 'output-dir', 'outfile'],
  }),
  setting('as', 'Form', {
    type: choice('peft', 'safetensors', 'gguf', 'onnx', 'json'),
    required: true,
    about: 'adapter, model folder, or GGUF file; a sorter also as ONNX, word counts as JSON',
    alsoCalled: ['format'],
  }),
  setting('name', 'Form', {
    type: text,
    about: 'name of the model, as Ollama and other programs show it',
    value: 'NAME',
    fallback: 'the names of the base model and of the run',
    alsoCalled: ['model-name'],
  }),
  setting('type', 'Form', {
    type: choice(...WEIGHT_TYPES, 'int8'),
    about: 'type of the weights; types with a q are for GGUF only, int8 for ONNX only',
    fallback: 'f16; f32 for adapters and ONNX',
    alsoCalled: ['outtype', 'quantize', 'quant', 'quantization'],
    allowed: (value: string | undefined, { as, adapterOnly }) =>
      value === undefined
        ? false
        : as === 'onnx'
          ? value !== 'f32' && value !== 'int8' && say`{type} must be f32 or int8 for ONNX`
          : value === 'int8'
            ? say`{type} int8 is for ONNX; GGUF files have q8_0`
            : (as !== 'gguf' || adapterOnly === true) &&
              value.startsWith('q') &&
              say`{type} must be f32, f16 or bf16 here; ${value} is for whole models in GGUF files`,
  }),
  setting('adapterOnly', 'Form', {
    type: toggle,
    default: false,
    about: 'with --as gguf: only the adapter, for use with its base model',
    allowed: (value: boolean, { as }) =>
      value && as !== 'gguf' && say`{adapterOnly} needs {as} gguf; an adapter folder is {as} peft`,
  }),
  ...COMPUTED_BY,
] as const;

const { required: _, ...anyData } = data;

/** Of sorting with scores. */
export const CLASSIFY_SETTINGS = [
  runFolder,
  baseModel,
  setting('data', 'Files', {
    ...anyData,
    about: 'rows to sort; without them only the test rows are measured',
    allowed: (value: unknown, { out: named }) =>
      (value === undefined) !== (named === undefined) &&
      say`{data} and {out} go together: rows to sort, and the file for their categories`,
  }),
  setting('out', 'Files', {
    type: path,
    about: 'new CSV file with your columns, and the category and the score of each row',
    value: 'FILE',
    alsoCalled: ['output', 'output-file'],
  }),
  setting('askBelow', 'Scores', {
    type: number(0, 1),
    about: 'mark rows with a lower score for a person to look at',
    value: 'SCORE',
    fallback: 'the score above which 95 % of the test rows were right',
    alsoCalled: ['threshold'],
  }),
  setting('words', 'Scores', {
    type: toggle,
    default: false,
    about: 'say which words decided, of the first rows; word counts always do',
  }),
  setting('encoder', 'Files', {
    type: path,
    about: 'folder of the encoder, for a sorter by vectors',
    fallback: 'where it was, or any folder here with the same files',
    value: 'FOLDER',
  }),
  ...READING,
  judgedIn,
  ...COMPUTED_BY,
] as const;

const encoder = setting('encoder', 'Sorting', {
  type: paths,
  about: 'folder of an encoder that makes the vectors',
  fallback: 'the encoders on this computer, the smallest first',
  value: 'FOLDER',
  alsoCalled: ['model'],
  repeats: true,
});

/** Of training a sorter. */
export const SORTER_SETTINGS = [
  setting('data', 'Files', {
    ...anyData,
    about: 'files or folders with rows, each a text and its category',
  }),
  evalData,
  setting('run', 'Files', {
    type: path,
    about: 'keep the sorter that was measured beside this run, instead of training one',
    value: 'FOLDER',
    allowed: (value: unknown, { data: named }) =>
      (value === undefined) === (named === undefined) &&
      say`name rows with {data}, or with {run} a run that was compared`,
  }),
  setting('out', 'Files', {
    type: path,
    required: true,
    about: 'new folder for the sorter and short programs that use it',
    value: 'FOLDER',
    alsoCalled: ['output', 'output-dir'],
  }),
  setting('answer', 'Sorting', {
    type: texts,
    about: 'a column to fill; :noul: yes or no, :score or :low<high: a grade, :several: categories',
    value: 'COLUMN',
    fallback: 'the column that is found',
    alsoCalled: ['answers', 'target', 'label-column', 'columns-to-fill'],
    repeats: true,
    allowed: (value: unknown, { data: named }) =>
      value !== undefined && named === undefined && say`{answer} needs {data}`,
  }),
  setting('by', 'Sorting', {
    type: choice('best', 'words', 'vectors', 'trained'),
    default: 'best',
    about: 'what it sorts by: word counts, vectors, those of an encoder it trains, or the best',
  }),
  encoder,
  ...READING,
  heldOut,
  onBadRow,
  seed,
  threads,
] as const;

/** Of a forecast of what more rows would bring. */
export const CURVE_SETTINGS = [
  data,
  setting('by', 'Sorting', {
    type: choice('best', 'words', 'vectors'),
    default: 'best',
    about: 'what it sorts by: word counts, sentence vectors, or what does better',
  }),
  encoder,
  ...READING,
  onBadRow,
  seed,
  threads,
] as const;

/** Of a model for other programs. */
export const ENDPOINT_SETTINGS = [
  ...speaking('answers', ['adapter', 'from']),
  setting('port', 'Address', {
    type: whole(0, 65_535),
    default: ENDPOINT.port,
    about: 'port to listen on; 0: any free one',
  }),
  setting('keyFile', 'Address', {
    type: path,
    about: 'file with the API key that programs must send; FETTLE_KEY may hold it instead',
    value: 'FILE',
    fallback: 'a new key each time',
    alsoCalled: ['key', 'api-key', 'token', 'api-key-file'],
  }),
  setting('origins', 'Address', {
    type: { kind: 'names' },
    about: 'origins of web pages that may ask, such as http://localhost:3000 or vscode-webview://*',
    value: 'ORIGINS',
  }),
  setting('contextSize', 'Answers', {
    type: whole(16, 1_000_000),
    default: ENDPOINT.contextSize,
    about: 'longest prompt and answer together, in tokens',
    value: 'TOKENS',
    alsoCalled: ['context', 'ctx', 'ctx-size', 'context-length'],
  }),
  setting('atOnce', 'Answers', {
    type: whole(1, 64),
    default: ENDPOINT.atOnce,
    about: 'answers made at once, fewer where memory is short; further ones wait',
    alsoCalled: ['parallel', 'np'],
  }),
  COMPUTED_BY[0],
] as const;
