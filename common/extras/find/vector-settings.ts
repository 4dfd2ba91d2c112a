/** Settings of `fettle vectors`. */
import { seed, threads } from '../../settings/computing.ts';
import { COLUMNS, evalData, sheet } from '../../settings/files.ts';
import { choice, number, path, paths, setting, whole } from '../../settings/row.ts';
import { heldOut, onBadRow } from '../../settings/rows.ts';
import { say } from '../../words/language.ts';

const SIZE = /^[1-9]\d{0,4}$/;

export const VECTOR_SETTINGS = [
  setting('data', 'Files', {
    type: paths,
    required: true,
    about: 'files with rows: a query and its passage, or two texts and a score',
    value: 'FILE',
    repeats: true,
  }),
  evalData,
  setting('model', 'Files', {
    type: path,
    required: true,
    about: 'folder of the encoder to train',
    value: 'FOLDER',
    alsoCalled: ['encoder', 'base-model'],
  }),
  setting('out', 'Files', {
    type: path,
    required: true,
    about: 'new folder for the trained encoder',
    value: 'FOLDER',
    alsoCalled: ['output', 'output-dir'],
  }),
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
  setting('learningRate', 'Vectors', {
    type: number(1e-7, 1),
    about: 'highest learning rate',
    fallback: '1e-4, with adapters 1e-3',
    alsoCalled: ['lr', 'rate'],
  }),
  setting('passes', 'Vectors', {
    type: whole(1, 1000),
    default: 1,
    about: 'times through the rows',
    alsoCalled: ['epochs'],
  }),
  setting('batch', 'Vectors', {
    type: whole(2, 4096),
    default: 32,
    about: 'rows of a step: each query is told from the passages of all',
    alsoCalled: ['batch-size', 'per-device-train-batch-size'],
  }),
  ...COLUMNS.filter(({ name }) => name !== 'system'),
  sheet,
  heldOut,
  onBadRow,
  seed,
  threads,
] as const;
