/** A step that keeps one small tensor ends a long run: TensorFlow.js frees nothing by itself. */
import { expect, it } from 'vitest';
import { leaksOf, STEPS } from '../../../../helpers/tfjs-leaks.ts';

it.each(Object.keys(STEPS))('keeps no tensor of a step (%s)', async (name) => {
  expect(await leaksOf(name)).toEqual({ betweenRuns: 0, afterRelease: 0 });
});
