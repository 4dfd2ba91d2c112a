/**
 * A target behind Ray's REST (docs/decisions/0073): the training is a job, and what has to be done there otherwise is a short job of its
 * own. Files go there in packages and come back among the logs.
 */

import { randomUUID } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { AppError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import { marks } from '../../../common/words/marks.ts';
import { rename } from '../../rename.ts';
import { problemThere } from '../../targets/explain.ts';
import { factsOf, lacking, NEEDED, type ProbeCheck } from '../../targets/facts.ts';
import { requirementsFile } from '../../targets/remote.ts';
import { quoted } from '../../targets/shell.ts';
import type {
  Fetching,
  Following,
  Job,
  Load,
  Sending,
  Target,
  TargetFacts,
  TargetSpec,
  Wish,
} from '../../targets/target.ts';
import { RayApi, type RayJob, type Transfer } from './ray-api.ts';
import { type Content, isDense, MOST_BYTES, type Package, SCRIPT, withPackages } from './ray-package.ts';

/** The first that asks for a token. */
const OLDEST = [2, 52] as const;
/** Files of at most so many bytes are sent without asking first: that is as quick. */
const SMALL_BYTES = 2 ** 20;
const PAUSE_MS = 1000;
/** Reading a long log takes a tenth of the time at most. */
const REST = 10;
/** Nothing secret is in it: Ray shows it to everyone who asks. */
const ENVIRONMENT = { RAY_JOB_STOP_WAIT_TIME_S: '60', RAY_DEDUP_LOGS: '0', RAY_COLOR_PREFIX: '0' };

export class RayTarget implements Target {
  readonly spec: TargetSpec;
  readonly #api: RayApi;
  #isNewEnough = false;

  constructor(spec: TargetSpec, token: () => Promise<string | null>) {
    this.spec = spec;
    this.#api = new RayApi(spec.name, spec.host, token);
  }

  async test(signal?: AbortSignal): Promise<TargetFacts> {
    await this.#requireNew(signal);
    const needed = [...NEEDED, 'ray'];
    const printed = await this.#ask(['facts', this.spec.folder], { wanted: needed }, signal);
    const pins = await readFile(requirementsFile(), 'utf8');
    return factsOf(printed, [packagesMissing(pins), tooFew(this.spec), apart], needed);
  }

  async send(loads: readonly Load[], { onBytes, signal }: Sending): Promise<void> {
    await this.#requireNew(signal);
    const lacked: Load[] = [];
    for (const load of loads) if (!(await this.#has(load, signal))) lacked.push(load);
    await withPackages(lacked, async (made) => {
      // before anything is sent
      for (const [i, { bytes }] of made.entries())
        if (bytes > MOST_BYTES) throw tooLarge(lacked[i]!, this.spec);
      const total = made.reduce((sum, { bytes }) => sum + bytes, 0);
      let before = 0;
      for (const [i, one] of made.entries()) {
        const io = { onBytes: (done: number) => onBytes(before + done, total), signal };
        await this.#run(['put', this.#at(lacked[i]!.folder)], one, io);
        before += one.bytes;
      }
    });
  }

  async start({ id, folder, model }: Job, signal?: AbortSignal): Promise<void> {
    await this.#requireNew(signal);
    // where the answer to an earlier start was lost, the job is there
    if (await this.#api.job(id, signal)) return;
    const workers = String(this.spec.processes ?? 0);
    const action = ['train', this.#at(folder), workers, id, ...(model === null ? [] : [this.#at(model)])];
    await withPackages([{}], ([made]) => this.#submit(id, action, made!, { onBytes() {}, signal }));
  }

  async follow({ id }: Job, offset: number, on: Following, signal: AbortSignal): Promise<void> {
    let read = offset;
    for (;;) {
      const began = Date.now();
      const job = await this.#api.job(id, signal);
      const log = job ? await this.#api.logs(id, signal) : Buffer.alloc(0);
      const hasEnded = job === null || isOver(job);
      const hasBegun = log.includes('@fettle ');
      on.onState({ kind: hasEnded ? 'ended' : hasBegun ? 'running' : 'queued' });
      // Ray cuts through characters: a line that is not whole is left
      const end = hasEnded ? log.length : log.lastIndexOf(10) + 1;
      if (end > read) on.onLog(log.subarray(read, end));
      read = Math.max(read, end);
      if (hasEnded) {
        const words = job?.status === 'SUCCEEDED' ? null : job?.message;
        // it may repeat the end of the log
        if (words && !words.includes('@fettle ')) on.onLog(Buffer.from(`\n${words}\n`));
        return;
      }
      await wait(Math.max(PAUSE_MS, REST * (Date.now() - began)), undefined, { signal });
    }
  }

  async ask({ id, folder }: Job, wish: Wish): Promise<void> {
    const status = (await this.#api.job(id))?.status;
    if (status === 'PENDING') await this.#api.stop(id);
    if (status === 'RUNNING') await this.#ask(['ask', this.#at(folder), wish], {});
  }

  async fetch({ id }: Job, name: string, to: string, how: Fetching): Promise<void> {
    const { onBytes, signal, bytes } = how;
    const node = (await this.#api.job(id, signal))?.driver_node_id;
    if (!node)
      throw new AppError(
        'target-forgot',
        say`${this.spec.name} no longer knows this job.`,
        say`Resume to have its result made again from the last checkpoint.`,
      );
    const io = { onBytes: (done: number) => onBytes(done, 0), signal, bytes };
    await this.#api.file(node, `${id}/${name}`, `${to}.part`, io);
    await rename(`${to}.part`, to);
  }

  #at(folder: string): string {
    return `${this.spec.folder}/${folder}`;
  }

  /** Throws `AppError('target-old')`. */
  async #requireNew(signal?: AbortSignal): Promise<void> {
    if (this.#isNewEnough) return;
    const version = await this.#api.version(signal);
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major < OLDEST[0] || (major === OLDEST[0] && minor < OLDEST[1]))
      throw new AppError(
        'target-old',
        say`${this.spec.name} has Ray ${version}, which asks nobody for a token.`,
        say`Update it to Ray ${OLDEST.join('.')} or later, and switch its tokens on.`,
      );
    this.#isNewEnough = true;
  }

  /** Whether the files of a load are there already. Throws `AppError('target-too-large')` where they are not and can't be sent. */
  async #has(load: Load, signal?: AbortSignal): Promise<boolean> {
    const sizeOf = async ({ file, name }: Load['files'][number]) => [name, (await stat(file)).size] as const;
    const wanted = await Promise.all(load.files.map(sizeOf));
    const sum = (of: typeof wanted) => of.reduce((bytes, [, size]) => bytes + size, 0);
    if (sum(wanted) <= SMALL_BYTES) return false;
    const printed = await this.#ask(['has', this.#at(load.folder)], { wanted }, signal);
    if (!printed.includes('missing\t')) return true;
    if (sum(wanted.filter(([name]) => isDense(name))) > MOST_BYTES) throw tooLarge(load, this.spec);
    return false;
  }

  /** Has the script do something that takes no time, and gives what it prints. */
  #ask(action: readonly string[], content: Content, signal?: AbortSignal): Promise<string> {
    return withPackages([content], ([made]) => this.#run(action, made!, { onBytes() {}, signal }));
  }

  async #run(action: readonly string[], made: Package, io: Transfer): Promise<string> {
    const { signal } = io;
    const id = `fettle-${action[0]}-${randomUUID()}`;
    await this.#submit(id, action, made, io);
    let job = await this.#api.job(id, signal);
    while (job && !isOver(job)) {
      await wait(PAUSE_MS / 2, undefined, { signal });
      job = await this.#api.job(id, signal);
    }
    const printed = (await this.#api.logs(id, signal)).toString();
    if (job?.status !== 'SUCCEEDED') throw failure(this.spec.name, printed, job);
    await this.#api.forget(id);
    return printed;
  }

  async #submit(id: string, action: readonly string[], made: Package, io: Transfer): Promise<void> {
    await this.#api.put(made.name, made, io);
    const { python } = this.spec;
    const program = python === null ? '"$(command -v python3 || command -v python)"' : quoted(python);
    const body = {
      submission_id: id,
      entrypoint: [program, SCRIPT, ...action.map(quoted)].join(' '),
      runtime_env: {
        working_dir: `gcs://${made.name}`,
        env_vars: ENVIRONMENT,
        ...(python !== null && { py_executable: python }),
      },
    };
    await this.#api.submit(body, io.signal);
  }
}

const isOver = ({ status }: RayJob) => status !== 'PENDING' && status !== 'RUNNING';

function failure(name: string, printed: string, job: RayJob | null): AppError {
  const { code, message, hint } = problemThere(
    name,
    [...printed.trim().split('\n'), job?.message ?? ''],
    null,
  );
  return new AppError(code, message, hint);
}

function tooLarge({ folder, files }: Load, spec: TargetSpec): AppError {
  const isModel = folder.startsWith('models/');
  const from = path.dirname(files[0]!.file);
  const to = `${spec.folder}/${folder}`;
  return new AppError(
    'target-too-large',
    isModel
      ? say`The model is too large to send: Ray takes 100 MB at once.`
      : say`These rows are too large to send: Ray takes 100 MB at once.`,
    isModel
      ? say`Have ${spec.name} download it from the Hub, or copy the files of ${from} to ${to} there.`
      : say`Use fewer rows, or reach the cluster over ssh.`,
  );
}

/** With the versions that are known to work. */
function packagesMissing(pins: string): ProbeCheck {
  const pinned = (name: string) => new RegExp(`^${name}==[^\\s;]+`, 'm').exec(pins)?.[0] ?? name;
  return (found) => {
    const names = lacking(found);
    if (names.length === 0) return null;
    const install = `pip install ${names.map(pinned).join(' ')}`;
    return say`The Python of the cluster lacks ${names.join(marks().comma)}. On each of its computers: ${install}`;
  };
}

const apart: ProbeCheck = ({ lineOf }) =>
  lineOf('apart') === null
    ? null
    : say`The computers of the cluster don’t share the folder. Name one that all of them see.`;

/** A training waits forever for workers that there are not. */
function tooFew({ processes }: TargetSpec): ProbeCheck {
  return ({ lineOf }) => {
    const cards = Number(lineOf('gpus'));
    const places = cards || Number(lineOf('cpus'));
    if (processes === null || processes <= places) return null;
    return say`The cluster has room for ${places} workers, fewer than the ${processes} that you named.`;
  };
}
