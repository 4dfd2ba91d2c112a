/** What tests of trainings elsewhere look at: processes that train below a folder, and losses. */
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import type { StepEvent } from '../../common/protocol/protocol.ts';
import { LogReader } from '../../main/targets/lines.ts';

/** Every process that works in a folder below `folder`, and its words. */
function processesIn(folder: string): { readonly pid: number; readonly words: readonly string[] }[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
        return readlinkSync(`/proc/${name}/cwd`).startsWith(folder) ? [{ pid: Number(name), words }] : [];
      } catch {
        return [];
      }
    });
}

/** Numbers of the processes that train in a folder below `folder`. */
export function workersIn(folder: string): number[] {
  return processesIn(folder)
    .filter(({ words }) => words.includes('train.py') && !words.includes('torch.distributed.run'))
    .map(({ pid }) => pid);
}

/** Ends what a test has left behind below `folder`. */
export function endAllIn(folder: string): void {
  for (const { pid } of processesIn(folder)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it has ended by itself
    }
  }
}

/** The loss of each step that a run has recorded. */
export function lossesOf(run: string): number[] {
  return readFileSync(path.join(run, 'metrics.jsonl'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line) as StepEvent)
    .flatMap(({ event, loss }) => (event === 'step' ? [loss] : []));
}

/** The losses of a bundle in one process with one thread, as each has there: sums in another order differ. `sh start.sh` in it trains. */
export async function aloneLosses(python: string, bundle: string): Promise<number[]> {
  const env = { ...process.env, PYTHON: python, PROCESSES: '1', OMP_NUM_THREADS: '1' };
  const { stdout } = await promisify(execFile)('sh', [path.join(bundle, 'start.sh')], { env });
  const steps = new LogReader().read(Buffer.from(stdout));
  return steps.flatMap((line) => (line.event === 'step' ? [line.loss] : []));
}

/** The losses of a bundle's first steps in one process of PyTorch alone, each row by itself. */
export async function plainLosses(python: string, bundle: string, steps: number): Promise<number[]> {
  const loop = path.join(import.meta.dirname, 'plain-loop.py');
  const { stdout } = await promisify(execFile)(python, [loop, bundle, String(steps)]);
  return stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line).loss as number);
}

/** The largest difference of two runs at a step; they must have as many. */
export function furthest(a: readonly number[], b: readonly number[]): number {
  if (a.length !== b.length) return Number.POSITIVE_INFINITY;
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]!)));
}
