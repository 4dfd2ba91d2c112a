/** A few real steps of a run and one evaluation, in a process of their own: what they take replaces the estimate. */
import fs from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { AppError } from '../../common/errors.ts';
import type { DoneEvent, ProbeLimits, StoppedEvent } from '../../common/protocol/protocol.ts';
import type { RunConfig } from '../engine/config/config.ts';
import { PROBE_LIMITS, type Probe } from '../plan/estimate.ts';

/** Tries a run out as `config` says; the engine's process may be of any kind. */
export type TryOut = (config: RunConfig, probe: ProbeLimits) => Promise<DoneEvent | StoppedEvent>;

/**
 * Tries a run of `config` out and throws away what that wrote. All micro-batches of a run have one size, that of its longest
 * packed rows, so any steps show its peak. Bytes and seconds. Throws `AppError('stopped')` where it did not come to its end.
 */
export async function probeRun({ epochs: _, ...config }: RunConfig, tryOut: TryOut): Promise<Probe> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), 'fettle-probe-'));
  const { steps, mostWarmSteps } = PROBE_LIMITS;
  try {
    // a run of fewer steps goes on with its rows: only what a step takes is asked
    const short = {
      ...config,
      out: path.join(folder, 'run'),
      maxSteps: mostWarmSteps + steps,
      assess: false,
    };
    const end = await tryOut(short, PROBE_LIMITS);
    if (end.event === 'stopped' || !end.probe)
      throw new AppError('stopped', 'The probe was stopped before its steps were taken.', 'Start it again.');
    const { stepSeconds, warmSteps, evaluation } = end.probe;
    const evaluationSeconds = evaluation?.seconds ?? null;
    return { peakBytes: end.peakRssBytes, stepSeconds, warmSteps, evaluationSeconds };
  } finally {
    await fs.rm(folder, { recursive: true, force: true });
  }
}
