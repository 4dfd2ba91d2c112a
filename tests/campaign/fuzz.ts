/**
 * Damaged and hostile files for every reader, in processes of their own: whatever a file holds, it is read or refused with a sentence,
 * in ten seconds of computing and a gigabyte, and the process lives. What fails is kept in `corpus/` and tried again by the tests.
 */
import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Attack, type AttackOptions, ENDS_ITSELF, inWords, type Size } from './attack.ts';
import { CORPUS, READERS } from './fuzz/readers.ts';
import type { FuzzWork, Heard } from './fuzz/worker.ts';

const CASES: Readonly<Record<Size, number>> = { short: 60, long: 10_000 };
const WORKER = path.join(import.meta.dirname, 'fuzz', 'worker.ts');
/** A process that says nothing for so long is ended; the computer may do other work meanwhile. */
const SILENT_MS = 60_000;
const CHECK_MS = 1000;

interface Outcome {
  readonly counts: Map<string, number>;
  readonly failures: string[];
}

export const fuzz: Attack = {
  name: 'fuzz',
  async run(options) {
    const workers = new Workers();
    for (const { name } of READERS.filter((reader) => options.only(reader.name)))
      await options.row(name, () => fuzzReader(name, options, workers));
    workers.close();
  },
};

/** The process that waits for work, if there is one: most of the few cases of the short form would else be the start of processes. */
class Workers {
  #idle: ChildProcess | null = null;

  take(): ChildProcess {
    const idle = this.#idle;
    this.#idle = null;
    if (idle?.connected) return idle;
    return fork(WORKER, [], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'], serialization: 'advanced' });
  }

  keep(child: ChildProcess): void {
    for (const event of ['message', 'error', 'close']) child.removeAllListeners(event);
    child.stderr!.removeAllListeners('data');
    this.#idle = child;
  }

  close(): void {
    this.#idle?.disconnect();
  }
}

async function fuzzReader(name: string, { size, seed, folder }: AttackOptions, workers: Workers) {
  const outcome: Outcome = { counts: new Map(), failures: [] };
  const cases = CASES[size];
  for (let from = 0; from < cases; ) {
    const work = { reader: name, seed, from, to: cases, folder: path.join(folder, `${name}-${from}`) };
    mkdirSync(work.folder, { recursive: true });
    from = await oneProcess(work, outcome, path.join(folder, 'failed'), workers);
  }
  return { cases, outcome: inWords(outcome.counts), failures: outcome.failures };
}

/** Works from `work.from` on, until the process ends; gives the case to go on with. */
function oneProcess(
  work: FuzzWork,
  { counts, failures }: Outcome,
  kept: string,
  workers: Workers,
): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = workers.take();
    child.send(work);
    let [at, said, last] = [work.from - 1, Date.now(), ''];
    let bytes: Heard | null = null;
    let wasSilent = false;
    const fail = (what: string, heard: Heard | null) => {
      count(counts, 'failed');
      failures.push(
        `case ${at} of ${heard?.seed}: ${what}; ${heard ? keepCase(work.reader, heard, kept) : 'not kept'}`,
      );
    };
    const clock = setInterval(() => {
      if (Date.now() - said < SILENT_MS) return;
      wasSilent = true;
      child.kill('SIGKILL');
    }, CHECK_MS);
    child.stderr!.setEncoding('utf8').on('data', (text: string) => {
      last = (last + text).slice(-2000);
    });
    child.on('message', (message) => {
      const heard = message as Heard;
      said = Date.now();
      if (heard.begins) [at, bytes] = [heard.at, heard];
      else if (heard.failure) fail(heard.failure, bytes);
      else if (heard.isDone) {
        clearInterval(clock);
        workers.keep(child);
        resolve(work.to);
      } else count(counts, heard.ended!);
    });
    child.on('error', reject);
    child.on('close', (code, signal) => {
      clearInterval(clock);
      if (at < work.from) return reject(new Error(`the process of ${work.reader} did not begin: ${last}`));
      if (code === 0) return resolve(at + 1);
      // one that ends itself after a failure has told it
      if (code !== ENDS_ITSELF)
        fail(
          wasSilent ? `silent for ${SILENT_MS / 1000} s` : `the process died (${signal ?? code}): ${last}`,
          bytes,
        );
      resolve(at + 1);
    });
  });
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

/** Writes the case into the corpus, where FETTLE_KEEP_FAILED is set, else beside; gives where. */
function keepCase(reader: string, { seed, bytes, at }: Heard, kept: string): string {
  const folder = process.env.FETTLE_KEEP_FAILED ? path.join(CORPUS, reader) : path.join(kept, reader);
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${at}-${seed}`);
  writeFileSync(file, bytes!);
  return file;
}
