/**
 * Checkpoints: one safetensors file each, written beside its place and renamed. It holds parameters and moments by name, and as metadata
 * the run's cursor and a checksum of each tensor.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { crc32 } from 'node:zlib';
import { AppError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';
import { rename } from '../../rename.ts';
import { shorten } from '../io/json-scan.ts';
import { openSafetensors } from '../io/safetensors.ts';
import { type TensorToWrite, writeSafetensors } from '../io/safetensors-write.ts';
import type { TrainState } from '../step/state.ts';
import { type Cursor, checkIdentity, checkPlace, parseCursor, type RunIdentity } from './cursor.ts';

export interface Damaged {
  /** Its path, which ends in `.damaged` once another one has taken its place. */
  readonly path: string;
  readonly why: string;
}

interface Resumed {
  readonly cursor: Cursor;
  readonly path: string;
  /** Newer checkpoints that could not be used. */
  readonly damaged: readonly Damaged[];
}

export interface ResumedRun {
  readonly identity: RunIdentity;
  stepsInEpoch(epoch: number): number;
  /** Hears of a checkpoint of this run before its place is looked at. */
  found?(cursor: Cursor): void;
}

const FOLDER = 'checkpoints';
const STEP_FILE = /^step-(\d+)\.safetensors$/;
const BEST_FILE = /^best-(\d+)\.safetensors$/;
/** Metadata: CRC-32 of each tensor and of the other metadata, by name. Older files have none. */
const SUMS = 'fettle.crc32';
/** Bytes whose checksum is computed at once: some 40 ms. */
const SUMMED_BYTES = 2 ** 28;

/** What of a state a file holds: the parameters alone, or all that a run goes on with. */
type Content = 'parameters' | 'state';

/** Writes the checkpoint of `cursor.step`, keeps the `keep` newest, and returns its path and size. */
export async function writeCheckpoint(
  out: string,
  state: TrainState,
  cursor: Cursor,
  keep: number,
): Promise<{ path: string; bytes: number }> {
  const file = fileOf(out, 'step', cursor.step);
  await state.fetch(['param', 'm', 'v']);
  const bytes = await write(file, tensorsOf(state, 'state'), {
    'fettle.cursor': JSON.stringify(cursor),
    'fettle.updates': String(state.updates),
  });
  const steps = await stepsIn(out, STEP_FILE);
  for (const step of steps.slice(keep)) await fs.rm(fileOf(out, 'step', step), { force: true });
  await pruneBest(out, steps.slice(0, keep).at(-1)!);
  return { path: file, bytes };
}

/** Bytes of a checkpoint, and of those the parameters'. */
export function checkpointBytes(state: TrainState): { readonly all: number; readonly parameters: number } {
  const bytesOf = (content: Content) =>
    tensorsOf(state, content).reduce((sum, { data }) => sum + data.byteLength, 0);
  return { all: bytesOf('state'), parameters: bytesOf('parameters') };
}

/** Writes the parameters alone as the best so far, those of `step`. */
export async function writeBest(out: string, step: number, state: TrainState): Promise<void> {
  await state.fetch(['param']);
  await write(fileOf(out, 'best', step), tensorsOf(state, 'parameters'));
}

/**
 * Puts the best parameters, those of `step`, into `state`; damaged ones are replaced by those of the newest checkpoint, which must exist.
 */
export async function readBest(
  out: string,
  step: number,
  state: TrainState,
): Promise<'read' | 'damaged' | 'not kept'> {
  if (!(await stepsIn(out, BEST_FILE)).includes(step)) return 'not kept';
  try {
    await fill(fileOf(out, 'best', step), state, 'parameters');
    return 'read';
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    const [newest] = await checkpointsIn(out);
    if (newest === undefined) throw error;
    await fill(newest, state, 'parameters');
    return 'damaged';
  }
}

/**
 * Fills `state` from the newest whole checkpoint and removes what later steps left; null without one. Throws `resume-mismatch` for one of
 * another run, `checkpoint-damaged` where none is whole.
 */
export async function resumeFrom(out: string, state: TrainState, run: ResumedRun): Promise<Resumed | null> {
  const damaged: Damaged[] = [];
  for (const file of await checkpointsIn(out)) {
    const cursor = await read(file, state, run);
    if (typeof cursor === 'string') {
      damaged.push({ path: file, why: cursor });
      continue;
    }
    // kept for a look, but no longer the newest checkpoint
    for (const bad of damaged) await rename(bad.path, `${bad.path}.damaged`);
    await clearFolder(out, cursor.step);
    return {
      cursor,
      path: file,
      damaged: damaged.map(({ path: bad, why }) => ({ path: `${bad}.damaged`, why })),
    };
  }
  if (damaged.length > 0) {
    throw new AppError(
      'checkpoint-damaged',
      say`This run can't be resumed: all its checkpoints are damaged. ${damaged[0]!.why}`,
      say`Restore its folder from a copy, or start a new run.`,
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

/** Keeps the best weights that a checkpoint from `oldest` on may name: later ones, and the last up to it. */
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

/** Fills `state` from one checkpoint; gives its cursor, or says what is wrong with a damaged one. */
async function read(file: string, state: TrainState, run: ResumedRun): Promise<Cursor | string> {
  try {
    let cursor: Cursor | null = null;
    await fill(file, state, 'state', (metadata) => {
      cursor = cursorOf(file, metadata);
      checkIdentity(cursor.identity, run.identity);
      run.found?.(cursor);
      checkPlace(cursor, run, (what) => damagedBecause(file, what));
    });
    state.updates = cursor!.step;
    return cursor!;
  } catch (error) {
    if (error instanceof AppError && error.code !== 'resume-mismatch') return error.message;
    throw error;
  }
}

/** Where the run of a checkpoint stands. Throws `AppError('checkpoint-damaged')` for what cannot be. */
function cursorOf(file: string, metadata: ReadonlyMap<string, string>): Cursor {
  const wrong = (what: string) => damagedBecause(file, what);
  const cursor = parseCursor(metadata.get('fettle.cursor') ?? '', wrong);
  const { step, evaluatedStep, bestStep } = cursor;
  if (Math.max(evaluatedStep, bestStep) > step) throw wrong(`it was measured after step ${step}, its last`);
  const updates = metadata.get('fettle.updates');
  if (updates !== String(step))
    throw wrong(`its step is ${step}, its updates are ${shorten(updates ?? 'missing', 40)}`);
  if (path.basename(file) !== path.basename(fileOf('', 'step', step))) throw wrong(`its step is ${step}`);
  return cursor;
}

function damagedBecause(file: string, what: string): AppError {
  return new AppError('checkpoint-damaged', say`${file} is damaged (${what}).`, '');
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
        name: `${prefix}.${name}`,
        shape: perBlock ? [data.length] : shape,
        dtype: data instanceof Uint8Array ? 'u8' : 'f32',
        data,
      }),
    ),
  );
  return [...parameters, ...moments];
}

async function write(
  file: string,
  tensors: readonly SavedTensor[],
  metadata: Readonly<Record<string, string>> = {},
): Promise<number> {
  const sums: Record<string, number> = {};
  for (const [name, text] of Object.entries(metadata)) sums[name] = crc32(text);
  for (const { name, data } of tensors) sums[name] = await checksum(data);
  return await writeSafetensors(file, tensors, { ...metadata, [SUMS]: JSON.stringify(sums) });
}

/** CRC-32 of the bytes of `data`; messages are heard meanwhile. */
async function checksum(data: SavedTensor['data']): Promise<number> {
  let sum = 0;
  for (let at = 0; at < data.byteLength; at += SUMMED_BYTES) {
    const length = Math.min(SUMMED_BYTES, data.byteLength - at);
    sum = crc32(new Uint8Array(data.buffer, data.byteOffset + at, length), sum);
    await setImmediate();
  }
  return sum;
}

/** Reads the tensors of `content` from `file` into `state`, after `check` of its metadata and checksums. */
async function fill(
  file: string,
  state: TrainState,
  content: Content,
  check?: (metadata: ReadonlyMap<string, string>) => void,
): Promise<void> {
  const saved = await openSafetensors(file);
  try {
    const sums = sumsOf(saved.metadata);
    const compare = (name: string, sum: number) => {
      if (sums && sums[name] !== sum) throw damagedBecause(file, `the checksum of ${name} differs`);
    };
    for (const [name, text] of saved.metadata) if (name !== SUMS) compare(name, crc32(text));
    check?.(saved.metadata);
    for (const { name, shape, dtype, data } of tensorsOf(state, content)) {
      const stored = saved.tensors.get(name);
      if (stored?.shape.join() !== shape.join() || stored.dtype !== dtype)
        throw damagedBecause(file, `it has no ${name} with the shape [${shape}]`);
      if (data instanceof Float32Array) await saved.readF32Into(name, 0, data);
      else new Uint8Array(data.buffer, data.byteOffset, data.byteLength).set(await saved.readRaw(name));
      if (sums) compare(name, await checksum(data));
    }
  } finally {
    await saved.close();
  }
}

/** The checksums in a file; null for an older file. What is no list of them agrees with nothing. */
function sumsOf(metadata: ReadonlyMap<string, string>): Readonly<Record<string, unknown>> | null {
  const text = metadata.get(SUMS);
  if (text === undefined) return null;
  try {
    return Object(JSON.parse(text)) as Record<string, unknown>;
  } catch {
    return {};
  }
}
