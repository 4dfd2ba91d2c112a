/** Settings of `fettle vectors` and of `fettle reranker`. */
import { seed, threads } from '../../settings/computing.ts';
import { COLUMNS, evalData, sheet } from '../../settings/files.ts';
import { choice, number, path, paths, setting, whole } from '../../settings/row.ts';
import { heldOut, onBadRow } from '../../settings/rows.ts';
import { say } from '../../words/language.ts';

const SIZE = /^[1-9]\d{0,4}$/;

const MODEL = { type: path, required: true, value: 'FOLDER', alsoCalled: ['encoder', 'base-model'] } as const;
const OUT = { type: path, required: true, value: 'FOLDER', alsoCalled: ['output', 'output-dir'] } as const;
const RATE = { type: number(1e-7, 1), about: 'highest learning rate', alsoCalled: ['lr', 'rate'] } as const;
const PASSES = { type: whole(1, 1000), about: 'times through the rows', alsoCalled: ['epochs'] } as const;
const BATCH = { type: whole(2, 4096), alsoCalled: ['batch-size', 'per-device-train-batch-size'] } as const;
const DATA = { type: paths, required: true, value: 'FILE', repeats: true } as const;
const READING = [
  ...COLUMNS.filter(({ name }) => name !== 'system'),
  sheet,
  heldOut,
  onBadRow,
  seed,
  threads,
] as const;

export const VECTOR_SETTINGS = [
  setting('data', 'Files', {
    ...DATA,
    about: 'files with rows: a query and its passage, or two texts and a score',
  }),
  evalData,
  setting('model', 'Files', { ...MODEL, about: 'folder of the encoder to train' }),
  setting('out', 'Files', { ...OUT, about: 'new folder for the trained encoder' }),
  setting('trains', 'Vectors', {
    type: choice('layers', 'whole', 'lora'),
    default: 'layers',
    about: 'layers: all but the embeddings; whole: these, too; lora: adapters, merged',
    alsoCalled: ['method'],
  }),
  setting('rank', 'Vectors', {
    type: whole(1, 512),
    default: 16,
    about: 'rank of the adapters',
  }),
  setting('hardNegatives', 'Vectors', {
    type: whole(0, 20),
    default: 0,
    about: 'wrong passages to look for beside each right one, near its query',
    alsoCalled: ['negatives', 'mine-negatives'],
  }),
  setting('sizes', 'Vectors', {
    type: { kind: 'names' },
    about: 'shorter lengths that vectors can be cut to, such as 256,128 (Matryoshka)',
    value: 'NUMBERS',
    alsoCalled: ['matryoshka', 'matryoshka-dims', 'dims'],
    allowed: (value: readonly string[] | undefined) =>
      value?.some((size) => !SIZE.test(size)) === true && say`{sizes} takes whole numbers, such as 256,128`,
  }),
  setting('learningRate', 'Vectors', { ...RATE, fallback: '1e-4, with adapters 1e-3' }),
  setting('passes', 'Vectors', { ...PASSES, default: 1 }),
  setting('batch', 'Vectors', {
    ...BATCH,
    default: 32,
    about: 'rows of a step: each query is told from the passages of all',
  }),
  ...READING,
] as const;

export const RERANKER_SETTINGS = [
  setting('data', 'Files', {
    ...DATA,
    about: 'files with rows: a query and its passage, or two texts and a score',
  }),
  evalData,
  setting('model', 'Files', { ...MODEL, about: 'folder of the encoder or the reranker to train' }),
  setting('out', 'Files', { ...OUT, about: 'new folder for the reranker' }),
  setting('trains', 'Reranker', {
    type: choice('layers', 'whole'),
    default: 'layers',
    about: 'layers: all but the embeddings; whole: these, too',
    alsoCalled: ['method'],
  }),
  setting('negatives', 'Reranker', {
    type: whole(1, 50),
    default: 4,
    about: 'wrong passages beside each right one: half that the encoder finds near the query, half drawn',
    alsoCalled: ['hard-negatives', 'mine-negatives', 'num-negatives'],
  }),
  setting('learningRate', 'Reranker', { ...RATE, default: 1e-4 }),
  setting('passes', 'Reranker', { ...PASSES, default: 1 }),
  setting('batch', 'Reranker', { ...BATCH, default: 32, about: 'pairs of a query and a passage in a step' }),
  ...READING,
] as const;
