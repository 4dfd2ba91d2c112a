/** Three real steps of a run that is being planned: what they took stands in the place of the estimate while the settings stay as they are. */
import { LRUCache } from 'lru-cache';
import { AppError, internal } from '../../common/errors.ts';
import type { RunConfig } from '../engine/config/config.ts';
import type { Probe } from '../plan/estimate.ts';
import { EngineRun } from '../runs/engine-run.ts';
import { probeRun, type TryOut } from '../runs/probe.ts';
import { deathOf, problemOf } from '../runs/problems.ts';
import { refuseWhileTraining } from './busy.ts';
import type { Parts } from './parts.ts';

/** Probes that are remembered. */
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
      'so three steps would not show what they take.',
      'Pause it, or try when it has ended.',
    );
    this.#parts.engine.makeRoom();
    const probe = await probeRun(config, (short, limits) => this.#tryOut(short, limits, signal));
    this.#known.set(keyOf(config), probe);
  }

  async #tryOut(...[config, probe, signal]: [...Parameters<TryOut>, AbortSignal | undefined]) {
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
    const none = { resumable: false };
    const { code, message, hint } =
      outcome.kind === 'failed' ? problemOf(outcome.failure, none) : deathOf(outcome.ending, none);
    throw new AppError(code, message, hint);
  }
}

/** Prompts, the folder and why a device was chosen change nothing that is measured. */
function keyOf({ out: _, samplePrompts: __, deviceWhy: ___, ...config }: RunConfig): string {
  return JSON.stringify(config);
}
