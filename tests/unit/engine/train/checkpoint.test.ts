import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openExecutor } from '../../../../main/engine/exec/registry.ts';
import { Graph } from '../../../../main/engine/ir/graph.ts';
import type { Optimizer } from '../../../../main/engine/step/moments.ts';
import { TrainState } from '../../../../main/engine/step/state.ts';
import {
  checkpointsIn,
  type ResumedRun,
  readBest,
  resumeFrom,
  writeBest,
  writeCheckpoint,
} from '../../../../main/engine/train/checkpoint.ts';
import type { Cursor } from '../../../../main/engine/train/cursor.ts';
import { noise } from '../../../helpers/graphs.ts';
import { temporaryFolder } from '../../../helpers/tiny-model.ts';

const executor = await openExecutor('reference', { threads: 1 });
const IDENTITY = { model: 'm', data: 'd', tokens: 't', settings: '{"seed":1}' };
const CURSOR: Cursor = {
  ...{ step: 4, epoch: 1, epochStep: 1, trainedTokens: 99, trainSeconds: 1.5, lastLoss: 0.1 + 0.2 },
  ...{ evaluatedStep: 4, heldOutLoss: 1 / 3, heldOutLossBefore: 2, bestLoss: 1 / 3, bestStep: 4 },
  ...{ evaluationsSinceBest: 0, identity: IDENTITY },
};

/** Epochs have three steps. */
const RUN: ResumedRun = { identity: IDENTITY, stepsInEpoch: () => 3 };
const cursorAt = (step: number): Cursor => ({
  ...CURSOR,
  ...{ step, epoch: Math.floor(step / 3), epochStep: step % 3, evaluatedStep: step, bestStep: step },
});

let at: ReturnType<typeof temporaryFolder>;
beforeEach(() => {
  at = temporaryFolder();
});
afterEach(() => at.remove());

/** A state of two tensors and noise in them. */
async function stateWith(
  seed: number,
  shapes: readonly (readonly number[])[] = [[3, 4], [5]],
  optimizer: Optimizer = 'adamw',
  halves = false,
): Promise<TrainState> {
  const graph = new Graph();
  const trainables = shapes.map((shape, i) => {
    const name = `w${i}`;
    const kind = shape.length === 1 ? ('norm' as const) : ('matrix' as const);
    const dtype = halves && kind === 'matrix' ? ('f16' as const) : undefined;
    return { name, shape, kind, ...(dtype && { dtype }), value: graph.input(name, dtype ?? 'f32', shape) };
  });
  const state = TrainState.create(executor, trainables, { optimizer });
  for (const { name } of trainables)
    for (const { data } of [{ data: state.keptValues(name) }, ...state.moments(name)]) {
      const values = noise(data.length, seed++);
      data.set(data instanceof Float32Array ? values : values.map((x) => 128 + 127 * x));
    }
  return state;
}

const contentOf = (state: TrainState) =>
  state.trainables.map(({ name }) => [
    [...state.keptValues(name)],
    ...state.moments(name).map(({ prefix, data }) => [prefix, ...data]),
  ]);
const names = () => readdirSync(path.join(at.folder, 'checkpoints')).sort();
const save = (state: TrainState, step: number, keep = 2) => {
  state.updates = step;
  return writeCheckpoint(at.folder, state, cursorAt(step), keep);
};
/** Changes the metadata of a safetensors file and nothing else. */
function rewrite(file: string, change: (metadata: Record<string, string>) => Record<string, string>): void {
  const bytes = readFileSync(file);
  const end = 8 + Number(bytes.readBigUInt64LE(0));
  const { __metadata__, ...tensors } = JSON.parse(bytes.toString('utf8', 8, end));
  const header = Buffer.from(JSON.stringify({ __metadata__: change(__metadata__), ...tensors }));
  const size = Buffer.alloc(8);
  size.writeBigUInt64LE(BigInt(header.length));
  writeFileSync(file, Buffer.concat([size, header, bytes.subarray(end)]));
}
/** As files were before there were checksums. */
const withoutSums = (file: string) => rewrite(file, ({ 'fettle.crc32': _, ...older }) => older);
/** Turns one bit of a file around. */
function flip(file: string, at: number, bit = 0): void {
  const bytes = readFileSync(file);
  bytes[at]! ^= 1 << bit;
  writeFileSync(file, bytes);
}

describe('a checkpoint', () => {
  it('gives back parameters, moments, the number of updates and the place in the data, to the bit', async () => {
    const state = await stateWith(1);
    state.updates = 4;
    const { path: file, bytes } = await save(state, 4);
    expect(readFileSync(file)).toHaveLength(bytes);
    const other = await stateWith(50);
    expect(await resumeFrom(at.folder, other, RUN)).toEqual({ cursor: CURSOR, path: file, damaged: [] });
    expect(contentOf(other)).toEqual(contentOf(state));
    expect(other.updates).toBe(4);
  });

  it('keeps moments in 8 bits as they are, with the scales of their blocks', async () => {
    const shapes = [[3, 200], [5]];
    const state = await stateWith(1, shapes, 'adamw-8bit');
    expect(state.moments('w0').map(({ prefix, data }) => [prefix, data.length])).toEqual([
      ...[['m', 600] as const, ['v', 600] as const, ['m.scale', 3] as const, ['v.scale', 3] as const],
    ]);
    const { bytes } = await save(state, 4);
    // parameters in float32, two codes a value, and a scale for each of 3 and 1 blocks
    expect(bytes % 64).toBeLessThanOrEqual(64);
    expect(bytes).toBeLessThan((await save(await stateWith(1, shapes), 4)).bytes - 5 * 605 + 1000);
    await save(state, 4);
    const other = await stateWith(50, shapes, 'adamw-8bit');
    await resumeFrom(at.folder, other, RUN);
    expect(contentOf(other)).toEqual(contentOf(state));
  });

  it('keeps trained values in 16 bits as they are', async () => {
    const state = await stateWith(1, [[3, 200], [5]], 'adamw', true);
    expect(state.keptValues('w0')).toBeInstanceOf(Uint16Array);
    expect(state.keptValues('w1')).toBeInstanceOf(Float32Array);
    await save(state, 4);
    const other = await stateWith(50, [[3, 200], [5]], 'adamw', true);
    await resumeFrom(at.folder, other, RUN);
    expect(contentOf(other)).toEqual(contentOf(state));
  });

  it('is followed by newer ones until it is no longer among those to keep', async () => {
    const state = await stateWith(1);
    for (const step of [9, 10, 11, 100]) await save(state, step);
    expect(names()).toEqual(['step-00000011.safetensors', 'step-00000100.safetensors']);
    expect(await checkpointsIn(at.folder)).toEqual(
      names()
        .reverse()
        .map((name) => path.join(at.folder, 'checkpoints', name)),
    );
  });

  it('that is damaged is passed over for the one before it, and out of the way from then on', async () => {
    const [older, newer] = [await stateWith(1), await stateWith(20)];
    await save(older, 4);
    const { path: file } = await save(newer, 5);
    truncateSync(file, readFileSync(file).length - 7);
    const state = await stateWith(50);
    const found = await resumeFrom(at.folder, state, RUN);
    expect(found).toMatchObject({ cursor: { step: 4 }, damaged: [{ path: `${file}.damaged` }] });
    expect(contentOf(state)).toEqual(contentOf(older));
    // with one to keep, the damaged one must not count as the newest
    await save(state, 4, 1);
    expect(names()).toEqual(['step-00000004.safetensors', 'step-00000005.safetensors.damaged']);
  });

  it('in which a bit has changed, of a tensor or of the cursor, is passed over for the one before it', async () => {
    const older = await stateWith(1);
    await save(older, 4);
    const { path: file } = await save(await stateWith(20), 5);
    const whole = readFileSync(file);
    const dataStart = 8 + Number(whole.readBigUInt64LE(0));
    const places = [
      ...[dataStart, dataStart + 11, whole.length - 1].map((place) => [place, 'checksum of']),
      [whole.indexOf('trainedTokens') + 'trainedTokens":9'.length + 2, 'checksum of fettle.cursor'],
      [whole.indexOf('evaluatedStep') + 3, 'checksum of fettle.cursor'],
    ] as const;
    for (const [place, why] of places) {
      writeFileSync(file, whole);
      flip(file, place as number);
      const state = await stateWith(50);
      const found = await resumeFrom(at.folder, state, RUN);
      expect(found).toMatchObject({
        cursor: { step: 4 },
        damaged: [{ path: `${file}.damaged`, why: expect.stringContaining(why as string) }],
      });
      expect(contentOf(state)).toEqual(contentOf(older));
      expect(state.updates).toBe(4);
    }
  });

  it('of before there were checksums is resumed from', async () => {
    const state = await stateWith(1);
    const { path: file } = await save(state, 4);
    withoutSums(file);
    expect(readFileSync(file, 'latin1')).not.toContain('crc32');
    const other = await stateWith(50);
    expect(await resumeFrom(at.folder, other, RUN)).toMatchObject({ cursor: CURSOR, damaged: [] });
    expect(contentOf(other)).toEqual(contentOf(state));
  });

  it.each<[string, unknown]>([
    ['not JSON', 'no JSON'],
    ['it is null', null],
    ['"step" is missing', {}],
    ['"step" is "four"', { ...CURSOR, step: 'four' }],
    ['"step" is -1', { ...CURSOR, step: -1 }],
    ['"step" is 3.5', { ...CURSOR, step: 3.5 }],
    ['"epoch" is -1', { ...CURSOR, epoch: -1 }],
    ['"trainSeconds" is "long"', { ...CURSOR, trainSeconds: 'long' }],
    ['"lastLoss" is "low"', { ...CURSOR, lastLoss: 'low' }],
    ['"evaluatedStep" is -2', { ...CURSOR, evaluatedStep: -2 }],
    ['"lossScale.scale" is 0', { ...CURSOR, lossScale: { scale: 0, steadySteps: 0 } }],
    ['"squares.1" is "x"', { ...CURSOR, squares: [1, 'x'] }],
    ['"identity" is missing', { ...CURSOR, identity: undefined }],
    ['"identity.tokens" is missing', { ...CURSOR, identity: { ...IDENTITY, tokens: undefined } }],
    ['"identity.settings" is "?"', { ...CURSOR, identity: { ...IDENTITY, settings: '?' } }],
    ['measured after step 4', { ...CURSOR, bestStep: 5 }],
    ['its step is 3', { ...CURSOR, step: 3, epochStep: 0, evaluatedStep: 3, bestStep: 3 }],
    ['step 4 is not step 1 of epoch 99', { ...CURSOR, epoch: 99 }],
    ['step 4 is not step 1 of epoch 0', { ...CURSOR, epoch: 0 }],
    ['step 4 is not step 4 of epoch 0', { ...CURSOR, epoch: 0, epochStep: 4 }],
    ['step 4 is not step 0 of epoch 1', { ...CURSOR, epochStep: 0 }],
  ])('is refused where its cursor says what cannot be: %s', async (why, cursor) => {
    const state = await stateWith(1);
    const { path: file } = await save(state, 4);
    withoutSums(file);
    const text = typeof cursor === 'string' ? cursor : JSON.stringify(cursor);
    rewrite(file, (metadata) => ({ ...metadata, 'fettle.cursor': text }));
    await expect(resumeFrom(at.folder, await stateWith(2), RUN)).rejects.toMatchObject({
      code: 'checkpoint-damaged',
      message: expect.stringContaining(why),
      hint: expect.stringContaining('start a new run'),
    });
    expect(names()).toEqual(['step-00000004.safetensors']);
  });

  it.each(['-4', 'four', '5', ''])(
    'is refused where it has had %s updates in four steps',
    async (updates) => {
      const { path: file } = await save(await stateWith(1), 4);
      withoutSums(file);
      rewrite(file, (metadata) => ({ ...metadata, 'fettle.updates': updates }));
      await expect(resumeFrom(at.folder, await stateWith(2), RUN)).rejects.toMatchObject({
        code: 'checkpoint-damaged',
        message: expect.stringContaining('updates'),
      });
    },
  );

  it('is an error where no other is left', async () => {
    const { path: file } = await save(await stateWith(1), 4);
    truncateSync(file, 20);
    const attempt = resumeFrom(at.folder, await stateWith(2), RUN);
    await expect(attempt).rejects.toMatchObject({
      code: 'checkpoint-damaged',
      hint: expect.stringContaining('start a new run'),
    });
    expect(names()).toEqual(['step-00000004.safetensors']);
  });

  it('of another run is refused, whatever lies before it', async () => {
    const state = await stateWith(1);
    await save(state, 4);
    await save(state, 5);
    const other = { ...RUN, identity: { ...IDENTITY, settings: '{"seed":2}' } };
    await expect(resumeFrom(at.folder, state, other)).rejects.toMatchObject({
      code: 'resume-mismatch',
      message: expect.stringContaining('seed was 1 and is now 2'),
    });
    expect(names()).toHaveLength(2);
  });

  it('is not needed: a run without one begins again, and half-written files go', async () => {
    const state = await stateWith(1);
    expect(await resumeFrom(at.folder, state, RUN)).toBeNull();
    await writeBest(at.folder, 3, state);
    writeFileSync(path.join(at.folder, 'checkpoints', '.step-00000004.safetensors.1.aa.tmp'), 'half');
    expect(await resumeFrom(at.folder, state, RUN)).toBeNull();
    expect(names()).toEqual([]);
  });
});

describe('the best weights', () => {
  it('are given back by their step', async () => {
    const [best, last] = [await stateWith(1), await stateWith(20)];
    await writeBest(at.folder, 3, best);
    const moments = last.moments('w0').map(({ data }) => [...data]);
    expect(await readBest(at.folder, 3, last)).toBe('read');
    expect([...last.slice('param', 'w0')]).toEqual([...best.slice('param', 'w0')]);
    expect(last.moments('w0').map(({ data }) => [...data])).toEqual(moments);
    expect(await readBest(at.folder, 4, last)).toBe('not kept');
  });

  it('that are damaged leave those of the newest checkpoint', async () => {
    const [best, last] = [await stateWith(1), await stateWith(20)];
    await writeBest(at.folder, 3, best);
    await save(last, 4);
    const content = contentOf(last);
    const [name] = names();
    const file = path.join(at.folder, 'checkpoints', name!);
    flip(file, readFileSync(file).length - 1, 7);
    expect(await readBest(at.folder, 3, last)).toBe('damaged');
    expect(contentOf(last)).toEqual(content);
  });

  it('are kept as long as a checkpoint may lead to them', async () => {
    const state = await stateWith(1);
    for (const step of [0, 2, 4, 6]) await writeBest(at.folder, step, state);
    await save(state, 3);
    expect(names().filter((name) => name.startsWith('best'))).toHaveLength(3);
    await save(state, 5);
    // the oldest checkpoint is that of step 3, whose best weights are those of step 2
    expect(names().filter((name) => name.startsWith('best'))).toEqual(
      [2, 4, 6].map((step) => `best-0000000${step}.safetensors`),
    );
    await save(state, 8);
    expect(names().filter((name) => name.startsWith('best'))).toEqual(
      [4, 6].map((step) => `best-0000000${step}.safetensors`),
    );
  });

  it('of steps that a resumed run has yet to take are forgotten', async () => {
    const state = await stateWith(1);
    for (const step of [2, 4, 6]) await writeBest(at.folder, step, state);
    await save(state, 4);
    await resumeFrom(at.folder, state, RUN);
    expect(names()).toEqual(['best-00000004.safetensors', 'step-00000004.safetensors']);
  });
});
