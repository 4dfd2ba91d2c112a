/** Folders to hand on: a training for another computer, complete with its model, and everything of a run in one .zip. */

import fs, { mkdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { ZipFile } from 'yazl';
import type { NumberedEvent, RunDetails } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import type { BundleFacts } from '../../common/protocol/protocol.ts';
import { nextWithReader, writes } from '../../common/settings/reading-runs.ts';
import { type SorterMethod, sorterFiles, sorterOf } from '../../common/settings/sorters.ts';
import { FIGURES, figureIn } from '../../common/step-figures.ts';
import { say } from '../../common/words/language.ts';
import type { RunConfig } from '../engine/config/config.ts';
import { filesBelow, fillFolder, inItsTurn, writeZip } from '../folders.ts';
import { toBundledName } from '../paths.ts';
import { rename } from '../rename.ts';
import type { Fork } from '../runs/engine-link.ts';
import type { Place } from '../targets/place.ts';
import type { Parts } from './parts.ts';
import { logLine } from './runs.ts';
import { ownSorterFiles } from './sorters.ts';
import { shortId } from './uploads.ts';
import { type WorkIo, workHere } from './work-here.ts';

/** Writes the bundle into the new folder `out`. Throws an AppError where that is in use. */
export async function writeBundleHere(
  order: { readonly config: RunConfig; readonly out: string; readonly hub: Place['hub'] },
  io: WorkIo,
  fork?: Fork,
): Promise<BundleFacts> {
  return await fillFolder(order.out, async () => {
    const facts = await workHere('bundle', order, io, fork);
    const { model } = facts;
    if (!model) return facts;
    const folder = path.join(order.out, 'model');
    await fs.mkdir(folder);
    for (const { name } of model.files) {
      // the same blocks of the disk, where it can do that
      await fs.copyFile(
        path.join(model.folder, name),
        path.join(folder, name),
        fs.constants.COPYFILE_FICLONE,
      );
    }
    return facts;
  });
}

/** In the bundle of a model that reads. */
const READER = 'model';

/** Files of the run's folder as they are, where they are there. */
const AS_THEY_ARE = ['report.html', 'assessment.json', 'blind.json'];

/** Writes the bundle of `run` to `out`, which gets the ending .zip; returns where it is and its bytes. */
export async function writeBundle(
  { store, host }: Pick<Parts, 'store' | 'host'>,
  run: RunDetails,
  out: string,
): Promise<{ path: string; bytes: number }> {
  const file = path.resolve(out.toLowerCase().endsWith('.zip') ? out : `${out}.zip`);
  await requireFree(file, host.pick !== null);
  await mkdir(path.dirname(file), { recursive: true });
  const temporary = `${file}.${shortId()}.part`;
  const zip = new ZipFile();
  await fill(zip, run, store.events.read(run.id));
  await writeZip(zip, temporary);
  try {
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  return { path: file, bytes: (await stat(file)).size };
}

async function fill(zip: ZipFile, run: RunDetails, events: readonly NumberedEvent[]): Promise<void> {
  const add = (name: string, content: string | Buffer) => zip.addBuffer(Buffer.from(content), name);
  add('README.txt', readme(run));
  add('run.json', `${JSON.stringify(run.config, toBundledName, 2)}\n`);
  const details = Object.fromEntries(DETAILS.map((name) => [name, run[name]]));
  add('details.json', `${JSON.stringify(details, null, 2)}\n`);
  add('curves.csv', figureTable('step', events));
  add('held-out.csv', figureTable('eval', events));
  add('log.txt', events.map((event) => `${logLine(event)}\n`).join(''));
  for (const name of [...AS_THEY_ARE, ...sorterFiles(run.method)]) {
    const content = await readFile(path.join(run.folder, name)).catch(() => null);
    if (content) add(name, content);
  }
  for (const name of await ownSorterFiles(run.folder)) await addFile(zip, name, path.join(run.folder, name));
  // all that a model that reads learned lies in its folder; a language model that was trained whole is exported
  if (run.method !== 'full' && run.done)
    await addFolder(zip, writes(run) ? 'adapter' : READER, run.done.result);
}

/** Its files as they are: weights do not get smaller. */
async function addFolder(zip: ZipFile, name: string, folder: string): Promise<void> {
  for (const file of await filesBelow(folder)) await addFile(zip, `${name}/${file}`, path.join(folder, file));
}

async function addFile(zip: ZipFile, name: string, file: string): Promise<void> {
  const { size, mtime } = await stat(file);
  zip.addReadStreamLazy(name, { size, mtime, compress: false }, inItsTurn(zip, file));
}

/** A dialog of the system has asked already whether a file may be replaced. */
async function requireFree(file: string, hasAsked: boolean): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (!found || (hasAsked && found.isFile())) return;
  throw new AppError('file-exists', say`${file} is there already.`, say`Choose another name.`);
}

const DETAILS: readonly (keyof RunDetails)[] = [
  'id',
  'name',
  'created',
  'started',
  'ended',
  'seconds',
  'model',
  'data',
  'method',
  'notes',
  'tags',
  'prompts',
  'machine',
  'versions',
  'dataHash',
  'modelHash',
  'executor',
  'bestLoss',
  'steps',
  'done',
  'verdict',
  'score',
  'rival',
];

/** The figures of steps or of evaluations that the run has, one of them a line. */
function figureTable(of: 'step' | 'eval', events: readonly NumberedEvent[]): string {
  const ofKind = events.flatMap(({ event }) => (event.event === of ? [event] : []));
  const keys = FIGURES[of]
    .filter(({ key, optional }) => !optional || ofKind.some((event) => figureIn(event, key) !== undefined))
    .map(({ key }) => key);
  const rows = ofKind.map((event) => keys.map((key) => figureIn(event, key) ?? '').join(','));
  return `${[keys.join(','), ...rows].join('\n')}\n`;
}

const SORTER_WORDS: Readonly<Record<SorterMethod, string>> = {
  words: `counter.json      the word counter
sort.mjs, sort.py use it without Fettle: node sort.mjs "a text", or python3 sort.py "a text"`,
  vectors: `head.json         what it learned, and the encoder that it needs, by name and content
sort.py           uses it without Fettle, with sentence-transformers: python3 sort.py ENCODER_FOLDER "a text"`,
};

function readme({ name, model, data, method, config, versions }: RunDetails): string {
  if (sorterOf(method))
    return `${name}
A sorter trained on ${data}, made with Fettle ${versions.fettle ?? ''}.

${SORTER_WORDS[method as SorterMethod]}
run.json          which rows it was trained on, and how they were read
details.json      when, on what, with which versions
`;
  const next = nextWithReader({ method, config, folder: READER });
  if (next)
    return `${name}
Trained from ${model} on ${data}, made with Fettle ${versions.fettle ?? ''}.

${READER}/            the trained model: Fettle (Models, Add a folder), sentence-transformers and Transformers open it
run.json          settings: which rows it was trained on, and how
details.json      when, on what, with which versions, and how well it finds

${next.join('\n')}
`;
  const rest =
    method !== 'full'
      ? 'adapter/          the trained adapter, as PEFT, Transformers and `fettle export` read it'
      : 'The trained model itself is not in here: export it from its page.';
  return `${name}
A training of ${model} on ${data}, made with Fettle ${versions.fettle ?? ''}.

run.json          settings: fettle train --config run.json repeats it (with your paths)
details.json      when, on what, with which versions, and how it ended
curves.csv        one line a step
held-out.csv      one line a measurement on held-out rows
report.html       what it learned and forgot, where that was measured
log.txt           what happened, line by line
${rest}
`;
}
