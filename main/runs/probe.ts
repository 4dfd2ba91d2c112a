/** Three real steps of a run and one evaluation, in a process of their own: what they take replaces the estimate. */
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { RunConfig } from '../engine/config.ts';
import type { DoneEvent, EngineEvent, StoppedEvent } from '../engine/protocol.ts';
import { AppError } from '../errors.ts';
import type { Probe } from '../plan/estimate.ts';

const STEPS = 3;

/** Trains as `config` says; the engine's process may be of any kind. */
export type Train = (
  config: RunConfig,
  emit: (event: EngineEvent) => void,
) => Promise<DoneEvent | StoppedEvent>;

/**
 * Takes three steps of `config` and throws away what they wrote. All micro-batches of a run have one size, that of its longest
 * packed rows, so any three show its peak. Bytes and seconds.
 */
export async function probeRun(config: RunConfig, train: Train): Promise<Probe> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'fettle-probe-'));
  let evaluationSeconds: number | null = null;
  let since = performance.now();
  const emit = (event: EngineEvent) => {
    if (event.event === 'eval') evaluationSeconds ??= (performance.now() - since) / 1000;
    if (event.event === 'step') since = performance.now();
  };
  try {
    const short = { ...config, out: path.join(folder, 'run'), maxSteps: STEPS, assess: false, logEvery: 1 };
    const end = await train(short, emit);
    if (end.event === 'stopped' || !end.stepSeconds)
      throw new AppError('stopped', 'The probe was stopped before its steps were taken.', 'Start it again.');
    return { peakBytes: end.peakRssBytes, stepSeconds: end.stepSeconds, evaluationSeconds };
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}
