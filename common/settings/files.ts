/** Settings that name files, and how the records of data files become rows. */
import { HERE, path, paths, RENDERED, setting, text } from './row.ts';

export const model = setting('model', 'Files', {
  type: path,
  required: true,
  about: 'model to train: a Hugging Face folder or a .gguf file',
  elsewhere: { to: 'model/, or the name and revision on the Hub' },
  value: 'PATH',
  ownPlace: true,
});

export const adapter = setting('adapter', 'Files', {
  type: path,
  about: "adapter to use: a PEFT folder or a run's folder",
  value: 'FOLDER',
});

export const data = setting('data', 'Files', {
  type: paths,
  required: true,
  about: 'files or folders with rows (.jsonl, .csv, .xlsx, .parquet, .txt, …)',
  elsewhere: RENDERED,
  value: 'FILE',
  alsoCalled: ['dataset', 'input'],
  repeats: true,
  ownPlace: true,
});

export const evalData = setting('evalData', 'Files', {
  type: paths,
  about: 'files with held-out rows, instead of a part of the data',
  elsewhere: RENDERED,
  words: { name: 'Test file' },
  value: 'FILE',
  alsoCalled: ['validation'],
  repeats: true,
  ownPlace: true,
});

export const out = setting('out', 'Files', {
  type: path,
  required: true,
  about: 'folder of the run, for checkpoints and the result',
  elsewhere: { to: `${HERE.to}: the folder that the result returns to` },
  words: { name: 'Folder' },
  value: 'FOLDER',
  alsoCalled: ['output', 'output-dir', 'save-dir'],
  untrained: true,
  ownPlace: true,
});

export const FILES = [model, data, evalData, out] as const;

export const sheet = setting('sheet', 'Data', {
  type: text,
  about: 'sheet of an Excel workbook, by name',
  elsewhere: RENDERED,
  value: 'NAME',
  fallback: 'the sheet with the most usable rows',
  ownPlace: true,
});

/** A run that is there, and its base model. */
export const runFolder = setting('run', 'Files', {
  type: path,
  required: true,
  about: 'folder of the run: what --out was in training',
  value: 'FOLDER',
  alsoCalled: ['out', 'output', 'adapter'],
});

export const baseModel = setting('model', 'Files', {
  type: path,
  about: 'base model, if it has moved since training',
  value: 'PATH',
  fallback: 'as the run says',
});

/** Which columns are what; the same for every command that reads data, `sheet` beside them. */
export const COLUMNS = [
  setting('map', 'Data', {
    type: text,
    about: 'columns to use: prompt=subject+body,answer=label or text=body',
    elsewhere: RENDERED,
    words: { name: 'Columns' },
    value: 'COLUMNS',
    fallback: 'detected',
    alsoCalled: ['columns', 'column-map', 'prompt-column', 'text-column', 'dataset-text-field'],
    ownPlace: true,
  }),
  setting('promptTemplate', 'Data', {
    type: text,
    about: 'prompt built from columns, such as "Sort this message: {subject} {body}"',
    elsewhere: RENDERED,
    value: 'TEXT',
    alsoCalled: ['template', 'prompt-format', 'format'],
    ownPlace: true,
  }),
  setting('system', 'Data', {
    type: text,
    about: 'system message for rows without one',
    elsewhere: { to: `${RENDERED.to}; before the sample prompts, too` },
    words: { name: 'System message' },
    value: 'TEXT',
    alsoCalled: ['system-prompt'],
    ownPlace: true,
  }),
] as const;
