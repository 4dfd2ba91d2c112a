/**
 * Everything of a run in one .zip, to hand on or to keep: settings, report, assessment, curves as tables, log, adapter. A fully
 * trained model is left out: it is an export's to write, and larger than a plain .zip may be.
 */
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import { Zip, ZipDeflate, ZipPassThrough } from 'fflate';
import type { NumberedEvent, RunDetails } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import { say } from '../../common/words/language.ts';
import { toBundledName } from '../paths.ts';
import { logLine } from './log-lines.ts';
import { shortId } from './names.ts';
import type { Parts } from './parts.ts';

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
  const handle = await open(temporary, 'wx');
  try {
    const zip = new ZipWriter((bytes) => handle.writeFile(bytes));
    await fill(zip, run, store.events.read(run.id));
    await zip.end();
    await handle.sync();
    await handle.close();
    await rename(temporary, file);
  } catch (error) {
    await handle.close().catch(() => {});
    await rm(temporary, { force: true });
    throw error;
  }
  return { path: file, bytes: (await stat(file)).size };
}

async function fill(zip: ZipWriter, run: RunDetails, events: readonly NumberedEvent[]): Promise<void> {
  await zip.text('README.txt', readme(run));
  await zip.text('run.json', `${JSON.stringify(run.config, toBundledName, 2)}\n`);
  await zip.text('details.json', `${JSON.stringify(detailsOf(run), null, 2)}\n`);
  await zip.text('curves.csv', stepTable(events));
  await zip.text('held-out.csv', evalTable(events));
  await zip.text('log.txt', events.map((event) => `${logLine(event)}\n`).join(''));
  for (const name of AS_THEY_ARE) {
    const content = await readFile(path.join(run.folder, name)).catch(() => null);
    if (content) await zip.text(name, content);
  }
  if (run.method !== 'full' && run.done) await addFolder(zip, 'adapter', run.done.result);
}

async function addFolder(zip: ZipWriter, name: string, folder: string): Promise<void> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  for (const entry of entries.filter((one) => one.isFile()))
    await zip.file(`${name}/${entry.name}`, createReadStream(path.join(folder, entry.name)));
}

/** A dialog of the system has asked already whether a file may be replaced. */
async function requireFree(file: string, hasAsked: boolean): Promise<void> {
  const found = await stat(file).catch(() => null);
  if (!found || (hasAsked && found.isFile())) return;
  throw new AppError('file-exists', say`${file} is there already.`, say`Choose another name.`);
}

function detailsOf(run: RunDetails): Partial<RunDetails> {
  const { id, name, created, started, ended, seconds, model, data, method, notes, tags, prompts } = run;
  const { machine, versions, dataHash, modelHash, executor, bestLoss, steps, done, verdict } = run;
  return {
    id,
    name,
    created,
    started,
    ended,
    seconds,
    model,
    data,
    method,
    notes,
    tags,
    prompts,
    machine,
    versions,
    dataHash,
    modelHash,
    executor,
    bestLoss,
    steps,
    done,
    verdict,
  };
}

function stepTable(events: readonly NumberedEvent[]): string {
  const columns = [
    'step',
    'epoch',
    'loss',
    'learningRate',
    'gradNorm',
    'tokensPerSecond',
    'rssBytes',
  ] as const;
  const rows = events.flatMap(({ event }) =>
    event.event === 'step' ? [columns.map((column) => event[column]).join(',')] : [],
  );
  return `${[columns.join(','), ...rows].join('\n')}\n`;
}

function evalTable(events: readonly NumberedEvent[]): string {
  const rows = events.flatMap(({ event }) =>
    event.event === 'eval' ? [`${event.step},${event.loss},${event.perplexity}`] : [],
  );
  return `${['step,loss,perplexity', ...rows].join('\n')}\n`;
}

function readme({ name, model, data, method, versions }: RunDetails): string {
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

/** Writes a .zip piece by piece, so that files of any size pass through little memory. */
class ZipWriter {
  readonly #zip: Zip;
  readonly #write: (bytes: Uint8Array) => Promise<void>;
  #ready: Uint8Array[] = [];
  #error: Error | null = null;

  /** What is written goes to `write`, one piece after the other. */
  constructor(write: (bytes: Uint8Array) => Promise<void>) {
    this.#write = write;
    this.#zip = new Zip((error, bytes) => {
      if (error) this.#error = error;
      else this.#ready.push(bytes);
    });
  }

  /** Adds a small file, compressed. */
  async text(name: string, content: string | Uint8Array): Promise<void> {
    const entry = new ZipDeflate(name, { level: 6 });
    this.#zip.add(entry);
    entry.push(typeof content === 'string' ? new TextEncoder().encode(content) : content, true);
    await this.#flush();
  }

  /** Adds a file as it is: weights do not get smaller. */
  async file(name: string, content: AsyncIterable<Uint8Array>): Promise<void> {
    const entry = new ZipPassThrough(name);
    this.#zip.add(entry);
    for await (const bytes of content) {
      entry.push(bytes);
      await this.#flush();
    }
    entry.push(new Uint8Array(0), true);
    await this.#flush();
  }

  /** Writes the list of files, which ends it. */
  async end(): Promise<void> {
    this.#zip.end();
    await this.#flush();
  }

  async #flush(): Promise<void> {
    if (this.#error) throw this.#error;
    const ready = this.#ready;
    this.#ready = [];
    for (const bytes of ready) await this.#write(bytes);
  }
}
