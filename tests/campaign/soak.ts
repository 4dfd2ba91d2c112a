/** Many runs one after the other in one host, as a person's queue has them: memory and open files stay level, and the history is right. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { numberAt } from '../../main/processes.ts';
import { tinyRows, writeRows, writeTinyModel } from '../helpers/tiny-model.ts';
import { startWebApp } from '../helpers/web-app.ts';
import { connect } from '../helpers/web-client.ts';
import type { Attack, Size } from './attack.ts';

const RUNS = { short: 14, long: 1000 } as const;
/** The runs before the first level that counts. */
const WARM = { short: 4, long: 10 } as const;
/** The short form ends after so long, with the runs that it has done. */
const MOST_SECONDS = { short: 25, long: 4 * 3600 } as const;
/** Runs that are in the queue at a time. */
const QUEUED = 5;
/** Memory may grow by this for each run after those, and in all by no less than the first of it. */
const GROWTH = {
  short: { bytes: 40e6, bytesPerRun: 0.15e6, handles: 8 },
  long: { bytes: 60e6, bytesPerRun: 0.15e6, handles: 20 },
};

export const soak: Attack = {
  name: 'soak',
  async run({ size, folder, row, note }) {
    await row('queued runs', () => queued(folder, size, note));
  },
};

interface Level {
  readonly bytes: number;
  readonly handles: number;
}

function levelOf(pid: number): Level {
  const bytes = numberAt(readFileSync(`/proc/${pid}/status`, 'utf8'), 'VmRSS') * 1024;
  return { bytes, handles: readdirSync(`/proc/${pid}/fd`).length };
}

async function queued(folder: string, size: Size, note: (text: string) => void) {
  const [most, seconds, growth] = [RUNS[size], MOST_SECONDS[size], GROWTH[size]];
  const data = writeRows(path.join(folder, 'rows.jsonl'), tinyRows(20));
  const at = await writeTinyModel(path.join(folder, 'model'));
  const app = await startWebApp();
  const failures: string[] = [];
  const link = await app.link();
  const { api, drop } = await connect({ address: app.address, link: () => link });
  const settings = {
    maxLength: 64,
    tokensPerMicroBatch: 128,
    'lora.rank': 2,
    maxSteps: 2,
    evalEvery: 50,
    assess: false,
    threads: 1,
  };
  const end = Date.now() + seconds * 1000;
  const levels: Level[] = [];
  const ids: string[] = [];
  let done = 0;
  try {
    await api.files.open({ what: 'data', paths: [folder] });
    const model = await api.models.add({ path: at });
    while (done < most && Date.now() < end) {
      while (ids.length < Math.min(most, done + QUEUED)) {
        const request = {
          name: `Run ${ids.length + 1}`,
          modelId: model.id,
          data: { paths: [data] },
          prompts: [],
          settings,
        };
        ids.push((await api.jobs.train({ request })).runId);
      }
      await sleep(200);
      const states = await Promise.all(ids.slice(done).map(async (id) => (await api.runs.get({ id })).state));
      const bad = states.find((state) => !['waiting', 'running', 'done'].includes(state));
      if (bad) throw new Error(`a run is ${bad}`);
      const before = done;
      done +=
        states.findIndex((state) => state !== 'done') < 0
          ? states.length
          : states.findIndex((state) => state !== 'done');
      if (done > before) levels.push(levelOf(app.process.pid!));
      if (Math.floor(done / 50) > Math.floor(before / 50))
        note(`soak: ${done} runs, ${JSON.stringify(levels.at(-1))}`);
    }
    const { total } = await api.runs.list({ states: ['done'] });
    if (total < done) failures.push(`the history has ${total} of ${done} runs`);
    for (const id of ids.slice(0, done)) {
      const { recorded } = await api.runs.curves({ id });
      if (recorded !== 2) failures.push(`a run has ${recorded} of 2 steps`);
    }
    const [first, last] = [levels[Math.min(WARM[size], levels.length - 2)]!, levels.at(-1)!];
    const allowed = Math.max(growth.bytes, done * growth.bytesPerRun);
    if (last.bytes - first.bytes > allowed)
      failures.push(`memory grew by ${Math.round((last.bytes - first.bytes) / 1e6)} MB`);
    if (last.handles - first.handles > growth.handles)
      failures.push(`open files grew from ${first.handles} to ${last.handles}`);
    const megabytes = (level: Level) => Math.round(level.bytes / 1e6);
    return {
      cases: done,
      outcome: `host's memory ${megabytes(first)} to ${megabytes(last)} MB, open files ${first.handles} to ${last.handles}`,
      failures,
    };
  } finally {
    await drop();
    await app.close();
  }
}
