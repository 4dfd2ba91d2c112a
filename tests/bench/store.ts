/**
 * How quick the history is when it is long: opening it, searching it, comparing runs. Prints milliseconds beside the targets,
 * and those that the processor worked: on a busy machine the first are about the machine, the second about the store.
 * Run `node tests/bench/store.ts [--runs 10000] [--points 1000]`.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { RunFilter } from '../../common/api/contract.ts';
import { median } from '../../main/engine/bench/programs.ts';
import { openStore } from '../../main/store/open.ts';
import type { Store } from '../../main/store/store.ts';
import { makeLongHistory } from './long-history.ts';

const { values } = parseArgs({
  options: { runs: { type: 'string', default: '10000' }, points: { type: 'string', default: '1000' } },
});
const [RUNS, POINTS] = [Number(values.runs), Number(values.points)];
const REPEATS = 15;
const PAGE: RunFilter = { sort: 'created', descending: true, offset: 0, limit: 100 };

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-bench-store-'));
try {
  await bench();
} finally {
  fs.rmSync(folder, { recursive: true, force: true });
}

async function bench(): Promise<void> {
  const filling = performance.now();
  const ids = await makeLongHistory(folder, RUNS, POINTS);
  const { size } = fs.statSync(path.join(folder, 'fettle.sqlite'));
  const seconds = (performance.now() - filling) / 1000;
  console.log(
    `${RUNS} runs x ${POINTS} points written in ${seconds.toFixed(0)} s, ${(size / 1e6).toFixed(0)} MB\n`,
  );
  // the first opening of a day begins the backup, which goes on beside everything else
  const opening = stopwatch();
  let store = await openStore(folder);
  row('open and list, with the backup of the day beginning', [listed(opening, store)], 300);
  await waitForBackup();
  store.close();

  const openings: Timed[] = [];
  for (let i = 0; i < 5; i++) {
    const from = stopwatch();
    store = await openStore(folder);
    openings.push(listed(from, store));
    if (i < 4) store.close();
  }
  row('open and list the newest 100', openings, 300);
  for (const sort of ['created', 'name', 'model', 'bestLoss', 'seconds', 'state'] as const)
    row(
      `list by ${sort}, page 50`,
      timed(() => store.runs.list({ ...PAGE, sort, offset: RUNS / 2 })),
      300,
    );
  for (const search of ['support', 's', 'poems 77', 'rank 16', 'nowhere', 'smollm2 letters second'])
    row(
      `search "${search}"`,
      timed(() => store.runs.list({ ...PAGE, search })),
      100,
    );
  row(
    'search "support", lowest loss first',
    timed(() => store.runs.list({ ...PAGE, search: 'support', sort: 'bestLoss' })),
    100,
  );
  const eight = Array.from({ length: 8 }, (_, i) => ids[Math.floor((i * ids.length) / 8)]!);
  row(
    'curves of 8 runs',
    timed(() => eight.map((id) => store.events.curves(id, 1000))),
    300,
  );
  row(
    'curves of 8 runs, 200 points each',
    timed(() => eight.map((id) => store.events.curves(id, 200))),
    300,
  );
  row(
    'one run with everything',
    timed(() => store.runs.get(eight[3]!)),
    null,
  );
  row(
    'all events of a run',
    timed(() => store.events.read(eight[3]!)),
    null,
  );
  store.close();
}

function listed(watch: () => Timed, store: Store): Timed {
  store.runs.list(PAGE);
  return watch();
}

async function waitForBackup(): Promise<void> {
  const within = path.join(folder, 'backups');
  const isDone = () =>
    fs.existsSync(within) && fs.readdirSync(within).some((name) => name.endsWith('.sqlite'));
  for (let i = 0; i < 1200 && !isDone(); i++) await new Promise((resolve) => setTimeout(resolve, 100));
}

function timed(work: () => unknown): Timed[] {
  return Array.from({ length: REPEATS }, () => {
    const watch = stopwatch();
    work();
    return watch();
  });
}

interface Timed {
  readonly ms: number;
  readonly cpuMs: number;
}

function stopwatch(): () => Timed {
  const [from, cpu] = [performance.now(), process.cpuUsage()];
  return () => {
    const { user, system } = process.cpuUsage(cpu);
    return { ms: performance.now() - from, cpuMs: (user + system) / 1000 };
  };
}

function row(what: string, times: readonly Timed[], target: number | null): void {
  const [ms, cpuMs] = [median(times.map((one) => one.ms)), median(times.map((one) => one.cpuMs))];
  const worst = Math.max(...times.map((one) => one.ms));
  const judged = target === null ? '' : `  target ${target} ms: ${ms <= target ? 'met' : 'MISSED'}`;
  const figures = `${ms.toFixed(1).padStart(8)} ms, worst ${worst.toFixed(1)}, processor ${cpuMs.toFixed(1)}`;
  console.log(`${what.padEnd(56)}${figures}${judged}`);
}
