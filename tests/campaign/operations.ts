/** What is cut off, starved and repeated by the campaign: each does real work in a folder, and goes on with it when it is run again. */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { AppError } from '../../common/errors.ts';
import { keep, UPLOADS } from '../../main/app/uploads.ts';
import {
  parseAssessConfig,
  parseDoctorConfig,
  parseEvalConfig,
  parseExportConfig,
  parseRunConfig,
} from '../../main/engine/config/config.ts';
import { openGguf } from '../../main/engine/io/gguf.ts';
import { openSafetensors } from '../../main/engine/io/safetensors.ts';
import { assess, checkData, evaluate, exportRun, train } from '../../main/engine/session/session.ts';
import { isLockFile } from '../../main/locks.ts';
import { Connection } from '../../main/store/connection.ts';
import { migrate } from '../../main/store/migrate.ts';
import { MIGRATIONS } from '../../main/store/migrations.ts';
import { openStore, STORE_FILE } from '../../main/store/open.ts';
import * as extras from '../extras/fuzz.ts';
import { writeTinyAdapted } from '../helpers/export.ts';
import { ended, openPart, tinyModel } from '../helpers/hub.ts';
import { tinyRows, writeRows, writeTinyModel } from '../helpers/tiny-model.ts';
import { adapterOf, numbersOf } from '../integration/workspace.ts';
import type { ExtraFuzz } from './fuzz/reader.ts';
import type { Operation } from './operation.ts';

/** Where the Hub of the downloads is: whoever starts operations says so. */
export const HUB_VARIABLE = 'FETTLE_CAMPAIGN_HUB';

const io = { emit: () => {}, stop: new AbortController().signal };
const hashOf = (...parts: readonly (string | Uint8Array)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest('hex');

/** The lengths with which all tiny trainings run, and what else they have in common. */
const SMALL = { maxLength: 64, tokensPerMicroBatch: 128, threads: 1, executor: 'ort' } as const;

const rowsOf = (folder: string) => path.join(folder, 'rows.jsonl');
const modelOf = (folder: string) => path.join(folder, 'model');
const runOf = (folder: string) => path.join(folder, 'run');

async function prepareTraining(folder: string): Promise<void> {
  await writeTinyModel(modelOf(folder));
  writeRows(rowsOf(folder), tinyRows(60));
}

function training(name: string, saveEverySteps: number, more: object = {}): Operation {
  return {
    name,
    prepare: prepareTraining,
    async run(folder) {
      const out = runOf(folder);
      const config = parseRunConfig({
        ...{
          ...SMALL,
          model: modelOf(folder),
          data: rowsOf(folder),
          out,
          lora: { rank: 4, dropout: 0.1 },
          assess: false,
        },
        ...{
          maxSteps: 14,
          heldOut: 14,
          learningRate: 5e-3,
          evalEvery: 4,
          saveEverySteps,
          keepCheckpoints: 2,
          ...more,
        },
      });
      if (!existsSync(path.join(out, 'result.json')))
        await train(config, { ...io, resume: existsSync(path.join(out, 'run.json')) });
      return hashOf(
        JSON.stringify(numbersOf(out)),
        existsSync(path.join(out, 'adapter')) ? adapterOf(out) : fileHash(path.join(out, 'model')),
      );
    },
  };
}

/** Of everything in a folder, names and contents. */
function fileHash(folder: string, leaveOut = /^$/): string {
  const names = readdirSync(folder, { recursive: true })
    .map(String)
    .filter((name) => !leaveOut.test(name))
    .sort();
  const found = names.filter((name) => statSync(path.join(folder, name)).isFile());
  return hashOf(...found.flatMap((name) => [name, readFileSync(path.join(folder, name))]));
}

const conversion: Operation = {
  name: 'conversion',
  async prepare(folder) {
    await prepareTraining(folder);
    await exportRun(
      parseExportConfig({
        model: modelOf(folder),
        as: 'gguf',
        type: 'q8_0',
        out: path.join(folder, 'tiny.gguf'),
        threads: 1,
      }),
      io,
    );
  },
  async run(folder) {
    const { loss, perplexity, labelledTokens } = await evaluate(
      parseEvalConfig({ ...SMALL, model: path.join(folder, 'tiny.gguf'), data: rowsOf(folder) }),
      io,
    );
    return JSON.stringify([loss, perplexity, labelledTokens]);
  },
};

function exporting(as: 'gguf' | 'safetensors'): Operation {
  return {
    name: `export as ${as}`,
    prepare: async (folder) => void (await writeTinyAdapted(folder, 'llama')),
    async run(folder) {
      const out = path.join(folder, as === 'gguf' ? 'made.gguf' : 'made');
      if (!existsSync(out))
        await exportRun(
          parseExportConfig({
            run: path.join(folder, 'llama-adapter'),
            model: path.join(folder, 'llama'),
            as,
            out,
            threads: 1,
          }),
          io,
        );
      return statSync(out).isFile() ? hashOf(readFileSync(out)) : fileHash(out, /README/);
    },
  };
}

const assessment: Operation = {
  name: 'assessment',
  async prepare(folder) {
    await training('', 50).prepare(folder);
    await training('', 50).run(folder);
    const items = ['one', 'two', 'three'].map((id) => ({
      id,
      topic: 't',
      question: `say ${id}`,
      answers: [id],
      match: 'exact',
    }));
    writeRows(path.join(modelOf(folder), 'quiz.jsonl'), items);
    writeRows(path.join(modelOf(folder), 'passages.jsonl'), [
      { id: '1', topic: 't', text: 'One small text.' },
    ]);
  },
  async run(folder) {
    const config = parseAssessConfig({ run: runOf(folder), threads: 1, executor: 'ort', rows: 4 });
    const { loss, verdict, answers } = await assess(config, io);
    JSON.parse(readFileSync(path.join(runOf(folder), 'assessment.json'), 'utf8'));
    return JSON.stringify([loss, verdict.learned, answers]).replaceAll(/"seconds":[\d.e-]+/g, '');
  },
};

const repair: Operation = {
  name: 'repair of data',
  async prepare(folder) {
    const rows = tinyRows(200) as { messages: { content: string }[] }[];
    for (const [i, row] of rows.entries())
      row.messages[1]!.content += i % 3 === 0 ? ' ask bob@example.org' : ' cafÃ©';
    writeRows(rowsOf(folder), [...rows, ...rows.slice(0, 20)]);
  },
  async run(folder) {
    const out = path.join(folder, 'repaired.jsonl');
    const config = parseDoctorConfig({
      data: rowsOf(folder),
      fix: ['all', 'email-addresses'],
      out,
      overwrite: true,
    });
    await checkData(config, io);
    return hashOf(readFileSync(out), readFileSync(`${out}.undo.jsonl`));
  },
};

const importing: Operation = {
  name: 'import',
  prepare: async (folder) => void (await writeTinyModel(modelOf(folder))),
  async run(folder) {
    const part = await openPart({ folder: path.join(folder, 'data'), hubUrl: 'http://127.0.0.1:9' });
    try {
      const { path: at, parameters, bytes } = await part.hub.add(modelOf(folder));
      const kept: string[] = [];
      for (let i = 0; i < 20; i++)
        kept.push(await keep(path.join(part.folder, UPLOADS), `rows ${i}.csv`, `a,b\n${i}\n`.repeat(2000)));
      return hashOf(
        at,
        String(parameters),
        String(bytes),
        String(part.store.models.list().length),
        ...kept.map((file) => readFileSync(file)),
      );
    } finally {
      await part.close();
    }
  },
};

const download: Operation = {
  name: 'download',
  prepare: async () => {},
  async run(folder) {
    const { repo, files } = tinyModel();
    const part = await openPart({ folder: path.join(folder, 'data'), hubUrl: process.env[HUB_VARIABLE]! });
    try {
      const found = () => part.store.models.list().find((one) => one.repo === repo);
      if (!found()) {
        for await (const [offered] of part.hub.downloads()) {
          if (offered) part.hub.resume(offered.id);
          else await part.hub.download(repo);
          break;
        }
        const { state, problem } = await ended(part.hub);
        if (state !== 'done') throw new AppError(problem!.code, problem!.message, problem!.hint);
      }
      const model = found()!;
      return hashOf(
        ...Object.keys(files)
          .sort()
          .map((name) => readFileSync(path.join(model.path, name))),
      );
    } finally {
      await part.close();
    }
  },
};

const INSERT_RUN = `insert into runs(id, name, state, model, data, method, created, tagsJson, folder, promptsJson, machineJson, versionsJson, configJson)
  values (?, ?, 'done', 'SmolLM2', 'rows.jsonl', 'lora', '2026-01-02', '[]', '/elsewhere', '[]', '{}', '{}', '{"lora":{"rank":8}}')`;
const STEP = 'insert into metrics(run, number, at, step, loss) values (?, ?, ?, ?, ?)';

const migration: Operation = {
  name: 'migration',
  async prepare(folder) {
    const data = path.join(folder, 'data');
    mkdirSync(data);
    const on = new Connection(path.join(data, STORE_FILE));
    await migrate(on, data, MIGRATIONS.slice(0, 1));
    for (let i = 1; i <= 200; i++) {
      on.write(INSERT_RUN, [`run-${i}`, `Run ${i}`]);
      for (let step = 1; step <= 20; step++) on.write(STEP, [i, step, step, step, 3 / step]);
    }
    on.close();
  },
  async run(folder) {
    const store = await openStore(path.join(folder, 'data'));
    try {
      if (store.notice !== null) throw new Error(`something was lost: ${store.notice}`);
      const { rows, total } = store.runs.list({ sort: 'name', descending: false, offset: 0, limit: 500 });
      return JSON.stringify([
        total,
        rows.map(({ id, name }) => [id, name, store.events.curves(id, 100).loss]),
      ]);
    } finally {
      store.close();
    }
  },
};

const moving: Operation = {
  name: 'moving the data folder',
  async prepare(folder) {
    await migration.prepare(folder);
    for (let i = 0; i < 30; i++) {
      const at = path.join(folder, 'data', 'uploads', `u${i}`);
      mkdirSync(at, { recursive: true });
      writeFileSync(path.join(at, 'rows.csv'), `a,b\n${i}\n`.repeat(10_000));
    }
  },
  async run(folder) {
    const target = path.join(folder, 'elsewhere');
    const store = await openStore(path.join(folder, 'data'));
    try {
      if (store.notice !== null) throw new Error(`something was lost: ${store.notice}`);
      if (store.folder !== target) await store.move(target, () => {});
      const { total } = store.runs.list({ sort: 'name', descending: false, offset: 0, limit: 1 });
      return hashOf(String(total), fileHash(path.join(store.folder, 'uploads')));
    } finally {
      store.close();
    }
  },
};

export const OPERATIONS: readonly Operation[] = [
  training('training', 5),
  training('checkpointing', 1),
  training('full fine-tuning', 4, { method: 'full', learningRate: 1e-4, lora: undefined }),
  conversion,
  exporting('gguf'),
  exporting('safetensors'),
  assessment,
  repair,
  importing,
  download,
  migration,
  moving,
  ...Object.values<ExtraFuzz>(extras).flatMap(({ operations }) => operations ?? []),
];

/** Names of what is being written, and gets its name once it is whole. */
const UNDER_WAY = /\.(tmp|partial|part|lock)$|^\.|fettle-download/;

/** What must hold at any moment, also right after a kill: a file that has its name is whole. Gives what isn't. */
export async function halfFiles(folder: string): Promise<string[]> {
  const half: string[] = [];
  for (const name of readdirSync(folder, { recursive: true }).map(String)) {
    const file = path.join(folder, name);
    const isOurs =
      !UNDER_WAY.test(path.basename(name)) &&
      !name.split(path.sep).some((part) => UNDER_WAY.test(part)) &&
      !/[\\/]models[\\/]/.test(`/${name}`);
    if (!isOurs || !statSync(file, { throwIfNoEntry: false })?.isFile()) continue;
    try {
      if (name.endsWith('.safetensors')) await (await openSafetensors(file)).close();
      if (name.endsWith('.gguf')) await (await openGguf(file)).close();
      if (name.endsWith('.json')) JSON.parse(readFileSync(file, 'utf8'));
    } catch (error) {
      half.push(`${name} is not whole: ${(error as Error).message}`);
    }
  }
  return half;
}

/** What a finished operation must not leave behind. */
export function leftovers(folder: string): string[] {
  const names = readdirSync(folder, { recursive: true }).map(String);
  return names.filter((name) => /\.(tmp|partial|part)$/.test(name)).map((name) => `${name} is left`);
}

/** What was begun in this process is as if the process were gone: its locks are nobody's, its temporary files are of no living one. */
export function endProcess(folder: string): void {
  for (const name of readdirSync(folder, { recursive: true }).map(String)) {
    const file = path.join(folder, name);
    if (isLockFile(path.basename(name)) || name.endsWith('.lock'))
      rmSync(file, { recursive: true, force: true });
    else if (name.includes(`.${process.pid}.`) && existsSync(file))
      renameSync(file, file.replace(`.${process.pid}.`, `.${NOBODY}.`));
  }
}

/** No process has such a number. */
const NOBODY = 2 ** 30;
