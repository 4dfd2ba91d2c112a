/** Three real steps of a run and one evaluation, in a process of their own: what they took stands in the place of the estimate. */
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { LRUCache } from 'lru-cache';
import { AppError, internal } from '../../common/errors.ts';
import type {
  DoneEvent,
  ProbeFigures,
  ProbeLimits,
  ProfileResult,
  StoppedEvent,
} from '../../common/protocol/protocol.ts';
import { say } from '../../common/words/language.ts';
import type { RunConfig } from '../engine/config/config.ts';
import { workingProcess } from '../locks.ts';
import { PROBE_LIMITS, type Probe } from '../plan/estimate.ts';
import { EngineRun } from '../runs/engine-run.ts';
import { errorOnPage } from '../runs/problems.ts';
import { allRuns } from '../runs/recover.ts';
import type { Supervisor } from '../runs/supervisor.ts';
import type { Store } from '../store/store.ts';
import type { Parts } from './parts.ts';

/** Throws AppError('computer-busy') while a training runs; `consequence` follows "… is using the computer, ". */
export function refuseWhileTraining(
  supervisor: Pick<Supervisor, 'list'>,
  consequence: string,
  hint: string,
): void {
  const going = supervisor.list().find(({ state }) => state === 'running' || state === 'starting');
  if (going)
    throw new AppError('computer-busy', say`“${going.name}” is using the computer, ${consequence}`, hint);
}

/**
 * Throws AppError('computer-busy') while a run of the history is computed, by the window or by a command: its folder is locked by a process
 * that lives. Runs in other data folders are not known here.
 */
export function refuseBesideTraining({ runs }: Pick<Store, 'runs'>): void {
  for (const { id, name } of allRuns({ runs }, ['running'])) {
    const pid = workingProcess(runs.get(id).folder);
    if (pid === null) continue;
    throw new AppError(
      'computer-busy',
      say`“${name}” is using the computer (process ${pid}), so its speed can't be measured.`,
      say`Pause it, or measure when it has ended.`,
    );
  }
}

const KEPT = 50;

export class Probes {
  readonly #parts: Pick<Parts, 'host' | 'supervisor' | 'engine'>;
  readonly #known = new LRUCache<string, Probe>({ max: KEPT });

  constructor(parts: Pick<Parts, 'host' | 'supervisor' | 'engine'>) {
    this.#parts = parts;
  }

  /** What was measured for exactly these settings; null where nothing was. */
  of(config: RunConfig): Probe | null {
    return this.#known.get(keyOf(config)) ?? null;
  }

  /** Measures; beside a training it would measure what that leaves, so it refuses. */
  async take(config: RunConfig, signal?: AbortSignal): Promise<void> {
    refuseWhileTraining(
      this.#parts.supervisor,
      say`so the test would not show what its steps take.`,
      say`Pause it, or try when it has ended.`,
    );
    this.#parts.engine.makeRoom();
    const probe = await probeRun(config, (short, limits) => this.#tryOut(short, limits, signal));
    this.#known.set(keyOf(config), probe);
  }

  async #tryOut(...[config, probe, signal]: [...Parameters<TryOut>, AbortSignal | undefined]) {
    // the page may have gone while the folder was made
    signal?.throwIfAborted();
    const order = { kind: 'train', config, resume: false, finish: false, probe } as const;
    const run = new EngineRun(this.#parts.host.fork, order, () => {}, Date.now);
    const kill = () => run.kill();
    signal?.addEventListener('abort', kill, { once: true });
    const outcome = await run.outcome;
    signal?.removeEventListener('abort', kill);
    signal?.throwIfAborted();
    if (outcome.kind === 'done') return outcome.done;
    if (outcome.kind === 'stopped') return outcome.stopped;
    if (outcome.kind === 'result') throw internal('a training ended like a call');
    throw errorOnPage(outcome);
  }
}

/** Prompts, the folder and why a device was chosen change nothing that is measured. */
function keyOf({ out: _, samplePrompts: __, deviceWhy: ___, ...config }: RunConfig): string {
  return JSON.stringify(config);
}

/** Tries a run out as `config` says; the engine's process may be of any kind. */
type TryOut = (config: RunConfig, probe: ProbeLimits) => Promise<DoneEvent | StoppedEvent>;

/**
 * Tries a run of `config` out and throws away what that wrote. All micro-batches of a run have one size, that of its longest packed rows,
 * so any steps show its peak. Bytes and seconds. Throws `AppError('stopped')` where it did not come to its end.
 */
export async function probeRun(config: RunConfig, tryOut: TryOut): Promise<Probe> {
  const { probe, peakRssBytes: peakBytes } = await triedOut(config, PROBE_LIMITS, tryOut);
  const { stepSeconds, warmSteps, evaluation } = probe;
  return { peakBytes, stepSeconds, warmSteps, evaluationSeconds: evaluation?.seconds ?? null };
}

/** What takes the time of so many steps of a run of `config`, after a first one; `trace` is a file that gets them in Chrome's format. */
export async function profileRun(
  { evalData: _, ...config }: RunConfig,
  { steps, trace }: { readonly steps: number; readonly trace: string },
  tryOut: TryOut,
): Promise<ProfileResult> {
  const limits = { steps: steps + 1, warmSeconds: 0, mostWarmSteps: 0, evaluationSeconds: 0, trace };
  const { probe } = await triedOut({ ...config, heldOut: 0 }, limits, tryOut);
  if (!probe.profile) throw internal('a run that was profiled has no profile');
  return probe.profile;
}

async function triedOut(
  { epochs: _, ...config }: RunConfig,
  limits: ProbeLimits,
  tryOut: TryOut,
): Promise<DoneEvent & { readonly probe: ProbeFigures }> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'fettle-probe-'));
  const { steps, mostWarmSteps } = limits;
  try {
    // a run of fewer steps goes on with its rows: only what a step takes is asked
    const short = {
      ...config,
      out: path.join(folder, 'run'),
      maxSteps: mostWarmSteps + steps,
      assess: false,
    };
    const end = await tryOut(short, limits);
    if (end.event === 'done' && end.probe) return { ...end, probe: end.probe };
    throw new AppError(
      'stopped',
      say`The test was stopped before its steps were done.`,
      say`Start it again.`,
    );
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}
