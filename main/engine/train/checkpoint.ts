/**
 * Checkpoints: one safetensors file each, written to a temporary name and renamed, so that a file that is there is
 * whole. It holds parameters and both moments by name, and in its metadata where in the data the run stands.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../errors.ts';
import { openSafetensors, type TensorToWrite, writeSafetensors } from '../io/safetensors.ts';
import type { BufferName, TrainState } from './state.ts';

/** Everything besides tensors that a run needs to go on. */
export interface Cursor {
  readonly step: number;
  readonly epoch: number;
  /** Steps taken within the epoch. */
  readonly epochStep: number;
  readonly trainedTokens: number;
  readonly trainSeconds: number;
  readonly heldOutLossBefore: number | null;
  readonly bestLoss: number | null;
  readonly bestStep: number;
  /** Evaluations since the best one. */
  readonly evaluationsSinceBest: number;
  /** What the run was started with: a resumed run must match it. */
  readonly identity: RunIdentity;
}

export interface RunIdentity {
  readonly model: string;
  readonly data: string;
  readonly settings: string;
}

const FOLDER = 'checkpoints';
const BEST = 'best.safetensors';
const SAVED: readonly BufferName[] = ['param', 'm', 'v'];

/** Writes the checkpoint of `cursor.step` and removes all but the `keep` newest. Returns its path and size. */
export async function writeCheckpoint(
  out: string,
  state: TrainState,
  cursor: Cursor,
  keep: number,
): Promise<{ path: string; bytes: number }> {
  const file = path.join(out, FOLDER, `step-${String(cursor.step).padStart(8, '0')}.safetensors`);
  const { bytes } = await writeSafetensors(file, tensorsOf(state, SAVED), {
    'fettle.cursor': JSON.stringify(cursor),
    'fettle.updates': String(state.updates),
  });
  for (const old of (await checkpointsIn(out)).slice(keep)) await fs.rm(old, { force: true });
  return { path: file, bytes };
}

/** Writes the parameters alone as the best so far. */
export async function writeBest(out: string, state: TrainState): Promise<void> {
  await writeSafetensors(path.join(out, FOLDER, BEST), tensorsOf(state, ['param']));
}

/** Puts the best parameters into `state`. */
export async function readBest(out: string, state: TrainState): Promise<void> {
  await fill(path.join(out, FOLDER, BEST), state, ['param']);
}

/** Fills `state` from the newest checkpoint that is whole; the cursor, or null where there is none. */
export async function resumeFrom(
  out: string,
  state: TrainState,
): Promise<{ cursor: Cursor; path: string } | null> {
  for (const file of await checkpointsIn(out)) {
    try {
      const metadata = await fill(file, state, SAVED);
      state.updates = Number(metadata.get('fettle.updates'));
      return { cursor: JSON.parse(metadata.get('fettle.cursor')!) as Cursor, path: file };
    } catch (error) {
      // a damaged file is passed over for the one before it; a foreign one cannot be
      if (error instanceof AppError && error.code === 'checkpoint-mismatch') throw error;
      if (!(error instanceof AppError)) throw error;
    }
  }
  return null;
}

/** Paths of the checkpoints in a run's folder, newest first. */
export async function checkpointsIn(out: string): Promise<string[]> {
  const names = await fs.readdir(path.join(out, FOLDER)).catch(() => []);
  return names
    .filter((name) => /^step-\d+\.safetensors$/.test(name))
    .sort()
    .reverse()
    .map((name) => path.join(out, FOLDER, name));
}

function tensorsOf(state: TrainState, buffers: readonly BufferName[]): TensorToWrite[] {
  return buffers.flatMap((buffer) =>
    state.trainables.map(({ name, shape }) => ({
      name: `${buffer}.${name}`,
      dtype: 'f32' as const,
      shape,
      data: state.slice(buffer, name),
    })),
  );
}

async function fill(
  file: string,
  state: TrainState,
  buffers: readonly BufferName[],
): Promise<ReadonlyMap<string, string>> {
  const saved = await openSafetensors(file);
  try {
    for (const buffer of buffers) {
      for (const { name, shape } of state.trainables) {
        const stored = saved.tensors.get(`${buffer}.${name}`);
        if (stored?.shape.join() !== shape.join()) {
          throw new AppError(
            'checkpoint-mismatch',
            `${file} holds no ${buffer} of ${name} with the shape [${shape}].`,
            'Resume with the model and the LoRA settings that the run was started with.',
          );
        }
        state.slice(buffer, name).set(await saved.readF32(stored.name));
      }
    }
    return saved.metadata;
  } finally {
    await saved.close();
  }
}
