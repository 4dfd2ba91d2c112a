import { readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openExecutor } from '../../../../main/engine/exec/registry.ts';
import { Graph } from '../../../../main/engine/ir/graph.ts';
import {
  type Cursor,
  checkpointsIn,
  readBest,
  resumeFrom,
  writeBest,
  writeCheckpoint,
} from '../../../../main/engine/train/checkpoint.ts';
import type { Optimizer } from '../../../../main/engine/train/moments.ts';
import { TrainState } from '../../../../main/engine/train/state.ts';
import { noise } from '../../../helpers/graphs.ts';
import { temporaryFolder } from '../../../helpers/tiny-model.ts';

const executor = await openExecutor('reference', { threads: 1 });
const IDENTITY = { model: 'm', data: 'd', tokens: 't', settings: '{"seed":1}' };
const CURSOR: Cursor = {
  ...{ step: 4, epoch: 1, epochStep: 1, trainedTokens: 99, trainSeconds: 1.5, lastLoss: 0.1 + 0.2 },
  ...{ evaluatedStep: 4, heldOutLoss: 1 / 3, heldOutLossBefore: 2, bestLoss: 1 / 3, bestStep: 4 },
  ...{ evaluationsSinceBest: 0, identity: IDENTITY },
};

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
const save = (state: TrainState, step: number, keep = 2) =>
  writeCheckpoint(at.folder, state, { ...CURSOR, step }, keep);

describe('a checkpoint', () => {
  it('gives back parameters, moments, the number of updates and the place in the data, to the bit', async () => {
    const state = await stateWith(1);
    state.updates = 4;
    const { path: file, bytes } = await save(state, 4);
    expect(readFileSync(file)).toHaveLength(bytes);
    const other = await stateWith(50);
    expect(await resumeFrom(at.folder, other, IDENTITY)).toEqual({ cursor: CURSOR, path: file, damaged: [] });
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
    await resumeFrom(at.folder, other, IDENTITY);
    expect(contentOf(other)).toEqual(contentOf(state));
  });

  it('keeps trained values in 16 bits as they are', async () => {
    const state = await stateWith(1, [[3, 200], [5]], 'adamw', true);
    expect(state.keptValues('w0')).toBeInstanceOf(Uint16Array);
    expect(state.keptValues('w1')).toBeInstanceOf(Float32Array);
    await save(state, 4);
    const other = await stateWith(50, [[3, 200], [5]], 'adamw', true);
    await resumeFrom(at.folder, other, IDENTITY);
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
    const found = await resumeFrom(at.folder, state, IDENTITY);
    expect(found).toMatchObject({ cursor: { step: 4 }, damaged: [`${file}.damaged`] });
    expect(contentOf(state)).toEqual(contentOf(older));
    // with one to keep, the damaged one must not count as the newest
    await writeCheckpoint(at.folder, state, { ...CURSOR, step: 4 }, 1);
    expect(names()).toEqual(['step-00000004.safetensors', 'step-00000005.safetensors.damaged']);
  });

  it.each(['{}', 'no JSON', '{"step":"four"}'])(
    'whose place in the data is %s counts as damaged',
    async (cursor) => {
      const state = await stateWith(1);
      const { path: file } = await save(state, 4);
      const text = readFileSync(file, 'latin1');
      const start = text.indexOf('{\\"step\\"');
      const end = text.indexOf('"', text.indexOf('}}', start));
      const escaped = JSON.stringify(cursor).slice(1, -1);
      writeFileSync(file, text.slice(0, start) + escaped.padEnd(end - start) + text.slice(end), 'latin1');
      await expect(resumeFrom(at.folder, await stateWith(2), IDENTITY)).rejects.toMatchObject({
        code: 'checkpoint-damaged',
      });
    },
  );

  it('is an error where no other is left', async () => {
    const { path: file } = await save(await stateWith(1), 4);
    truncateSync(file, 20);
    const attempt = resumeFrom(at.folder, await stateWith(2), IDENTITY);
    await expect(attempt).rejects.toMatchObject({
      code: 'checkpoint-damaged',
      hint: expect.stringContaining('--out'),
    });
    expect(names()).toEqual(['step-00000004.safetensors']);
  });

  it('of another run is refused, whatever lies before it', async () => {
    const state = await stateWith(1);
    await save(state, 4);
    await save(state, 5);
    const other = { ...IDENTITY, settings: '{"seed":2}' };
    await expect(resumeFrom(at.folder, state, other)).rejects.toMatchObject({
      code: 'resume-mismatch',
      message: expect.stringContaining('seed was 1 and is 2 now'),
    });
    expect(names()).toHaveLength(2);
  });

  it('is not needed: a run without one begins again, and half-written files go', async () => {
    const state = await stateWith(1);
    expect(await resumeFrom(at.folder, state, IDENTITY)).toBeNull();
    await writeBest(at.folder, 3, state);
    writeFileSync(path.join(at.folder, 'checkpoints', '.step-00000004.safetensors.1.aa.tmp'), 'half');
    expect(await resumeFrom(at.folder, state, IDENTITY)).toBeNull();
    expect(names()).toEqual([]);
  });
});

describe('the best weights', () => {
  it('are given back by their step', async () => {
    const [best, last] = [await stateWith(1), await stateWith(20)];
    await writeBest(at.folder, 3, best);
    const moments = last.moments('w0').map(({ data }) => [...data]);
    expect(await readBest(at.folder, 3, last)).toBe(true);
    expect([...last.slice('param', 'w0')]).toEqual([...best.slice('param', 'w0')]);
    expect(last.moments('w0').map(({ data }) => [...data])).toEqual(moments);
    expect(await readBest(at.folder, 4, last)).toBe(false);
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
    await resumeFrom(at.folder, state, IDENTITY);
    expect(names()).toEqual(['best-00000004.safetensors', 'step-00000004.safetensors']);
  });
});
