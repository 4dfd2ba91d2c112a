/**
 * Checkpoints: one safetensors file each, written to a temporary name and renamed, so that a file that is there is
 * whole. It holds parameters and both moments by name (in 8 bits where they are kept so, with the scales of their blocks), and in
 * its metadata where in the data the run stands.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../errors.ts';
import { openSafetensors, type TensorToWrite, writeSafetensors } from '../io/safetensors.ts';
import { checkIdentity, type RunIdentity } from './identity.ts';
import type { SavedScale } from './loss-scale.ts';
import type { TrainState } from './state.ts';

/** Everything besides tensors that a run needs to go on. */
export interface Cursor {
  readonly step: number;
  readonly epoch: number;
  /** Steps taken within the epoch. */
  readonly epochStep: number;
  readonly trainedTokens: number;
  readonly trainSeconds: number;
  /** Training loss of the last step. */
  readonly lastLoss: number | null;
  /** The last step whose weights were measured; -1 before the first evaluation. */
  readonly evaluatedStep: number;
  readonly heldOutLoss: number | null;
  readonly heldOutLossBefore: number | null;
  readonly bestLoss: number | null;
  readonly bestStep: number;
  /** Evaluations since the best one. */
  readonly evaluationsSinceBest: number;
  /** Of gradients in float16; a run that was in float32 has none. */
  readonly lossScale?: SavedScale;
  /** Squares of the gradients of each layer in the last step, of an update layer by layer; other runs have none. */
  readonly squares?: readonly number[];
  /** What the run was started with: a resumed run must match it. */
  readonly identity: RunIdentity;
}

/** Where a run stands before its first step. */
export function newCursor(identity: RunIdentity): Cursor {
  return {
    step: 0,
    epoch: 0,
    epochStep: 0,
    trainedTokens: 0,
    trainSeconds: 0,
    lastLoss: null,
    evaluatedStep: -1,
    heldOutLoss: null,
    heldOutLossBefore: null,
    bestLoss: null,
    bestStep: 0,
    evaluationsSinceBest: 0,
    identity,
  };
}

export interface Resumed {
  readonly cursor: Cursor;
  readonly path: string;
  /** Newer checkpoints that could not be read, renamed to end in `.damaged`. */
  readonly damaged: readonly string[];
}

const FOLDER = 'checkpoints';
const STEP_FILE = /^step-(\d+)\.safetensors$/;
const BEST_FILE = /^best-(\d+)\.safetensors$/;

/** What of a state a file holds: the parameters alone, or all that a run goes on with. */
type Content = 'parameters' | 'state';

/** Writes the checkpoint of `cursor.step` and removes all but the `keep` newest. Returns its path and size. */
export async function writeCheckpoint(
  out: string,
  state: TrainState,
  cursor: Cursor,
  keep: number,
): Promise<{ path: string; bytes: number }> {
  const file = fileOf(out, 'step', cursor.step);
  await state.fetch(['param', 'm', 'v']);
  const { bytes } = await writeSafetensors(file, tensorsOf(state, 'state'), {
    'fettle.cursor': JSON.stringify(cursor),
    'fettle.updates': String(state.updates),
  });
  const steps = await stepsIn(out, STEP_FILE);
  for (const step of steps.slice(keep)) await fs.rm(fileOf(out, 'step', step), { force: true });
  await pruneBest(out, steps.slice(0, keep).at(-1)!);
  return { path: file, bytes };
}

/** Writes the parameters alone as the best so far, those of `step`. */
export async function writeBest(out: string, step: number, state: TrainState): Promise<void> {
  await state.fetch(['param']);
  await writeSafetensors(fileOf(out, 'best', step), tensorsOf(state, 'parameters'));
}

/** Puts the parameters that were the best at `step` into `state`; false where they were not kept. */
export async function readBest(out: string, step: number, state: TrainState): Promise<boolean> {
  if (!(await stepsIn(out, BEST_FILE)).includes(step)) return false;
  await fill(fileOf(out, 'best', step), state, 'parameters');
  return true;
}

/**
 * Fills `state` from the newest checkpoint that is whole, and removes what was left behind by steps after it; null where
 * there is no checkpoint. One of another run is an AppError `resume-mismatch`, and so are only damaged ones.
 */
export async function resumeFrom(
  out: string,
  state: TrainState,
  identity: RunIdentity,
): Promise<Resumed | null> {
  const damaged: string[] = [];
  const files = await checkpointsIn(out);
  for (const file of files) {
    const cursor = await read(file, state, identity);
    if (!cursor) {
      damaged.push(file);
      continue;
    }
    // kept for a look, but no longer the newest checkpoint
    for (const bad of damaged) await fs.rename(bad, `${bad}.damaged`);
    await clearFolder(out, cursor.step);
    return { cursor, path: file, damaged: damaged.map((bad) => `${bad}.damaged`) };
  }
  if (files.length > 0) {
    throw new AppError(
      'checkpoint-damaged',
      `No checkpoint in ${path.join(out, FOLDER)} is readable.`,
      'Begin a new run with another --out.',
    );
  }
  await clearFolder(out, -1);
  return null;
}

/** Paths of the checkpoints in a run's folder, newest first. */
export async function checkpointsIn(out: string): Promise<string[]> {
  return (await stepsIn(out, STEP_FILE)).map((step) => fileOf(out, 'step', step));
}

/** What the newest checkpoint in a run's folder was trained on; null where none can be read. */
export async function savedIdentity(out: string): Promise<RunIdentity | null> {
  const [newest] = await checkpointsIn(out);
  if (newest === undefined) return null;
  try {
    const saved = await openSafetensors(newest);
    await saved.close();
    return cursorOf(newest, saved.metadata).identity;
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

function fileOf(out: string, kind: 'step' | 'best', step: number): string {
  return path.join(out, FOLDER, `${kind}-${String(step).padStart(8, '0')}.safetensors`);
}

/** Steps of the files whose names match `pattern`, largest first. */
async function stepsIn(out: string, pattern: RegExp): Promise<number[]> {
  const steps = (await namesIn(out)).flatMap((name) => pattern.exec(name)?.[1] ?? []).map(Number);
  return steps.sort((a, b) => b - a);
}

function namesIn(out: string): Promise<string[]> {
  return fs.readdir(path.join(out, FOLDER)).catch(() => []);
}

/** Keeps the best weights that a checkpoint from `oldest` on may name: those after it, and the last ones up to it. */
async function pruneBest(out: string, oldest: number): Promise<void> {
  const outdated = (await stepsIn(out, BEST_FILE)).filter((step) => step <= oldest).slice(1);
  for (const step of outdated) await fs.rm(fileOf(out, 'best', step), { force: true });
}

/** Removes the best weights of steps after `step`, and files that a killed process left half written. */
async function clearFolder(out: string, step: number): Promise<void> {
  const later = (await stepsIn(out, BEST_FILE)).filter((best) => best > step);
  for (const best of later) await fs.rm(fileOf(out, 'best', best), { force: true });
  const halves = (await namesIn(out)).filter((name) => name.endsWith('.tmp'));
  for (const name of halves) await fs.rm(path.join(out, FOLDER, name), { force: true });
}

/** Fills `state` from one checkpoint; null where the file is damaged. */
async function read(file: string, state: TrainState, identity: RunIdentity): Promise<Cursor | null> {
  try {
    const metadata = await fill(file, state, 'state', (found) =>
      checkIdentity(cursorOf(file, found).identity, identity),
    );
    state.updates = Number(metadata.get('fettle.updates'));
    return cursorOf(file, metadata);
  } catch (error) {
    if (error instanceof AppError && error.code !== 'resume-mismatch') return null;
    throw error;
  }
}

function cursorOf(file: string, metadata: ReadonlyMap<string, string>): Cursor {
  try {
    const cursor = JSON.parse(metadata.get('fettle.cursor') ?? '') as Cursor;
    if (Number.isSafeInteger(cursor.step) && Number.isSafeInteger(Number(metadata.get('fettle.updates'))))
      return cursor;
  } catch {
    // reported below, like metadata that is something else
  }
  throw new AppError('checkpoint-damaged', `${file} does not say where its run stands.`, '');
}

interface SavedTensor extends TensorToWrite {
  readonly data: Float32Array | Uint16Array | Uint8Array;
}

function tensorsOf(state: TrainState, content: Content): SavedTensor[] {
  const parameters = state.trainables.map(({ name, shape, dtype }): SavedTensor => {
    return { name: `param.${name}`, shape, dtype: dtype ?? 'f32', data: state.keptValues(name) };
  });
  if (content === 'parameters') return parameters;
  const moments = state.trainables.flatMap(({ name, shape }) =>
    state.moments(name).map(
      ({ prefix, data, perBlock }): SavedTensor => ({
        ...{ name: `${prefix}.${name}`, shape: perBlock ? [data.length] : shape },
        ...{ dtype: data instanceof Uint8Array ? 'u8' : 'f32', data },
      }),
    ),
  );
  return [...parameters, ...moments];
}

async function fill(
  file: string,
  state: TrainState,
  content: Content,
  check?: (metadata: ReadonlyMap<string, string>) => void,
): Promise<ReadonlyMap<string, string>> {
  const saved = await openSafetensors(file);
  try {
    check?.(saved.metadata);
    for (const { name, shape, dtype, data } of tensorsOf(state, content)) {
      const stored = saved.tensors.get(name);
      if (stored?.shape.join() !== shape.join() || stored.dtype !== dtype) {
        throw new AppError('checkpoint-damaged', `${file} holds no ${name} with the shape [${shape}].`, '');
      }
      if (data instanceof Float32Array) await saved.readF32Into(name, 0, data);
      else new Uint8Array(data.buffer, data.byteOffset, data.byteLength).set(await saved.readRaw(name));
    }
    return saved.metadata;
  } finally {
    await saved.close();
  }
}
