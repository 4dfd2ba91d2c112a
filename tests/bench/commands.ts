/** What the harness starts: Fettle's own commands, trials and peers, each as a process of its own, and the figures they give. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type {
  AssessResult,
  DoctorReport,
  DoneEvent,
  EngineEvent,
  EvalResult,
  ProfileResult,
} from '../../common/protocol/protocol.ts';
import { peakMemory } from '../../main/plan/peak-memory.ts';
import { MALLOC_SETTINGS } from '../../main/runs/fork.ts';
import type { Figures } from './figures.ts';
import { median } from './rounds.ts';

const ROOT = path.join(import.meta.dirname, '..', '..');
const BIN = path.join(ROOT, 'bin', 'fettle.js');

/** A line of JSON that a command printed, and when; with the processor time of all its processes by then. */
interface Line {
  readonly at: number;
  readonly processorSeconds: number;
  readonly value: unknown;
}

/** Runs a command to its end; gives what it printed as JSON. Throws with the end of what it complained about. */
export async function lines(
  command: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = process.env,
): Promise<Line[]> {
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const found: Line[] = [];
  let [rest, complaint] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const parts = (rest + text).split('\n');
    rest = parts.pop()!;
    for (const part of parts)
      if (part.startsWith('{')) {
        const processorSeconds = processorSecondsOf(child.pid!);
        found.push({ at: performance.now(), processorSeconds, value: JSON.parse(part) });
      }
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4000);
  });
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code === 0 && found.length > 0) return found;
  const lastWords = complaint.trim().split('\n').slice(-3).join(' ');
  throw new Error(lastWords || `${path.basename(command)} ended with ${code}`);
}

/** Of a process and those that it started and that still run; only Linux tells, elsewhere it is no number. */
function processorSecondsOf(pid: number): number {
  try {
    const [, , , ...fields] = fs.readFileSync(`/proc/${pid}/stat`, 'utf8').split(/\) | /);
    // of user and system, in hundredths
    const own = (Number(fields[10]) + Number(fields[11])) / 100;
    const children = fs
      .readdirSync(`/proc/${pid}/task`)
      .flatMap((task) => fs.readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' '));
    return children.filter(Boolean).reduce((sum, child) => sum + processorSecondsOf(Number(child)), own);
  } catch {
    return Number.NaN;
  }
}

/** What `fettle` with `args` printed. */
export const fettle = (args: readonly string[], env?: NodeJS.ProcessEnv) =>
  lines(process.execPath, [BIN, ...args, '--json'], env);

const lastOf = <T>(found: readonly Line[]) => found.at(-1)!.value as T;

/** Runs `work` with a folder that is gone afterwards. */
export async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-bench-'));
  try {
    return await work(folder);
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/** `fettle train` with `flags`; the first step, on new memory, does not count. */
export function trained(flags: readonly string[], env?: NodeJS.ProcessEnv): Promise<Figures> {
  return inFolder(async (folder) => trainedIn(path.join(folder, 'run'), flags, env));
}

async function trainedIn(out: string, flags: readonly string[], env?: NodeJS.ProcessEnv): Promise<Figures> {
  const found = await fettle(['train', '--out', out, '--no-assess', ...flags], env);
  const done = lastOf<DoneEvent>(found);
  const steps = found.flatMap(({ value, processorSeconds }) => {
    const event = value as EngineEvent;
    return event.event === 'step' ? [{ ...event, processorSeconds }] : [];
  });
  const processor = steps.slice(1).map((step, i) => step.processorSeconds - steps[i]!.processorSeconds);
  const counted = steps.slice(steps.length > 1 ? 1 : 0);
  const start = found.map(({ value }) => value as EngineEvent).find(({ event }) => event === 'start');
  // an epoch is all rows, a step of preferences a share of them
  const pairs = start?.event === 'start' && steps[0]?.preference ? steps[0].epoch * start.rows : Number.NaN;
  return {
    ...(pairs > 0 && { pairsPerSecond: median(counted.map(({ stepMs }) => (1000 * pairs) / stepMs)) }),
    tokensPerSecond: median(counted.map(({ tokens, stepMs }) => (1000 * tokens) / stepMs)),
    stepSeconds: median(counted.map(({ stepMs }) => stepMs / 1000)),
    ...(processor.length > 0 && {
      processorSeconds: median(processor),
      tokensPerProcessorSecond: median(processor.map((seconds, i) => counted[i]!.tokens / seconds)),
    }),
    peakBytes: done.peakRssBytes,
    predictedBytes: done.price ? peakMemory(done.price).residentBytes : Number.NaN,
    firstStepSeconds: done.secondsToFirstStep ?? Number.NaN,
    loss: done.finalLoss ?? Number.NaN,
    ...(done.heldOutLoss != null && { heldOutLoss: done.heldOutLoss }),
  };
}

/** The first start on a computer, without converted weights or compiled code, or a later one. */
export async function started(flags: readonly string[], isCold: boolean): Promise<Figures> {
  if (!isCold) return await trained([...flags, '--max-steps', '1']);
  return await inFolder((home) =>
    trained([...flags, '--max-steps', '1'], {
      ...process.env,
      ...{ FETTLE_HOME: home, NODE_COMPILE_CACHE: path.join(home, 'compiled') },
    }),
  );
}

/** A run that saves after its second step, is over after its third, and goes on from there. */
export function savedAndResumed(flags: readonly string[]): Promise<Figures> {
  return inFolder(async (folder) => {
    const out = path.join(folder, 'run');
    const run = ['train', '--out', out, '--no-assess', '--held-out', '0'];
    const first = await fettle([...run, ...flags, '--max-steps', '3', '--save-every-steps', '2']);
    const at = (kind: EngineEvent['event'], which = 0) =>
      first.filter(({ value }) => (value as EngineEvent).event === kind)[which]!.at;
    // a checkpoint is written between the event of its step and its own
    const checkpointSeconds = (at('checkpoint') - at('step', 1)) / 1000;
    fs.rmSync(path.join(out, 'adapter'), { recursive: true, force: true });
    const again = await fettle(['train', '--out', out, '--resume', '--no-assess', '--max-steps', '4']).catch(
      () => null,
    );
    const done = again && lastOf<DoneEvent>(again);
    return { checkpointSeconds, ...(done && { resumeSeconds: done.secondsToFirstStep ?? Number.NaN }) };
  });
}

/** A short run and its assessment, by default's budget. */
export function assessed(flags: readonly string[]): Promise<Figures> {
  return inFolder(async (folder) => {
    const out = path.join(folder, 'run');
    await fettle(['train', '--out', out, '--no-assess', ...flags]);
    const { seconds, answers } = lastOf<AssessResult>(await fettle(['assess', '--run', out]));
    const rows = answers?.rows ?? 0;
    return { seconds, ...(rows > 0 && { secondsPerRow: seconds / rows }) };
  });
}

/** Where the time of a step goes, and what share of `peak` (operations a second) its arithmetic reaches. */
export function profiled(flags: readonly string[], peak: () => number): Promise<Figures> {
  return inFolder(async (folder) => {
    const found = await fettle(['profile', '--out', folder, ...flags]);
    const { rows, stepMs, tokens, graphMs } = lastOf<ProfileResult>(found);
    const flops = rows.reduce((sum, row) => sum + row.flops, 0);
    const byOperation = Map.groupBy(rows, ({ operation, pass }) => `${operation} ${pass}`);
    const shares = [...byOperation].map(
      ([name, own]) => [name, own.reduce((sum, { ms }) => sum + ms, 0) / stepMs] as const,
    );
    return {
      tokensPerSecond: (1000 * tokens) / stepMs,
      stepSeconds: stepMs / 1000,
      flopsPerSecond: (1000 * flops) / stepMs,
      utilisation: (1000 * flops) / stepMs / peak(),
      shares: Object.fromEntries([
        ...shares.toSorted(([, a], [, b]) => b - a).slice(0, 12),
        ['outside of graphs', 1 - graphMs / stepMs],
      ]),
    };
  });
}

export async function evaluated(flags: readonly string[]): Promise<Figures> {
  const {
    tokensPerSecond,
    loss,
    seconds,
    peakRssBytes = Number.NaN,
  } = lastOf<EvalResult>(await fettle(['eval', ...flags]));
  return { tokensPerSecond, loss, seconds, peakBytes: peakRssBytes };
}

/** `fettle data check`, with the tokens of `model` where that is given. */
export async function checked(file: string, model?: string): Promise<Figures> {
  const command = ['data', 'check', file, ...(model === undefined ? [] : ['--model', model])];
  const { rows, seconds, peakRssBytes } = lastOf<DoctorReport>(await fettle(command));
  return { rowsPerSecond: rows / seconds, seconds, peakBytes: peakRssBytes };
}

/** A trial of trials.ts. */
export async function tried(kind: string, asked: object): Promise<Figures> {
  const file = path.join(import.meta.dirname, 'trials.ts');
  const env = { ...MALLOC_SETTINGS, ...process.env };
  return lastOf<Figures>(await lines(process.execPath, [file, kind, JSON.stringify(asked)], env));
}

/** A peer in Python, without settings that hold numpy's products back on some machines. */
export async function python(command: string, script: string, args: readonly string[]): Promise<Figures> {
  const { OPENBLAS_CORETYPE: _, OPENBLAS_L2_SIZE: __, ...env } = process.env;
  const file = path.join(import.meta.dirname, 'peers', script);
  return lastOf<Figures>(await lines(command, [file, ...args], env));
}

/** The bare loop, whose output has names of its own. */
export async function bareTrained(command: string, args: readonly string[]): Promise<Figures> {
  const given = (await python(command, 'pytorch_lora.py', args)) as unknown as Readonly<
    Record<'tokens_per_second' | 'seconds_to_first_step' | 'peak_rss_bytes', number>
  > &
    Readonly<
      Record<'step_seconds' | 'step_processor_seconds' | 'real_tokens_per_step' | 'losses', readonly number[]>
    >;
  return {
    tokensPerSecond: given.tokens_per_second,
    stepSeconds: median(given.step_seconds.slice(1)),
    processorSeconds: median(given.step_processor_seconds.slice(1)),
    tokensPerProcessorSecond: median(
      given.step_processor_seconds.slice(1).map((used, i) => given.real_tokens_per_step[i + 1]! / used),
    ),
    peakBytes: given.peak_rss_bytes,
    firstStepSeconds: given.seconds_to_first_step,
    loss: given.losses.at(-1)!,
  };
}

export async function llamaCpp(asked: object): Promise<Figures> {
  const file = path.join(import.meta.dirname, 'peers', 'llama.ts');
  return lastOf<Figures>(await lines(process.execPath, [file, JSON.stringify(asked)]));
}
