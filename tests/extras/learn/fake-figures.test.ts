/** The made-up figures of the lessons' pictures contradict neither each other nor what Fettle measured. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { call } from '@orpc/server';
import { describe, expect, it } from 'vitest';
import type { LessonVariant } from '../../../common/extras/learn/calls.ts';
import { fakeWorld } from '../../helpers/fake-api/world.ts';
import { fakeApi } from '../../helpers/fake-api.ts';
import { lessonMade } from './fake-api.ts';

const JOULES_PER_KWH = 3.6e6;
const world = fakeWorld({ still: true });

describe('the fake lessons', () => {
  it('have the outcomes of the log', () => {
    const log = readFileSync(
      path.resolve(import.meta.dirname, '../../../docs/log/practice-model.md'),
      'utf8',
    );
    const names: Readonly<Partial<Record<LessonVariant, string>>> = {
      ...{ 'too-hard': 'full, 2e-3, 5 epochs', lora: 'LoRA r16, 2e-3, 5 epochs' },
      ...{ replay: 'the same with replay of 0.3', 'lower-rate': 'full, 2e-4, 5 epochs' },
    };
    const made = lessonMade(world, 'done').filter(({ result }) => result !== null);
    expect(made.map(({ variant }) => variant)).toEqual(Object.keys(names));
    for (const { variant, result } of made) {
      const { taskAfter, quizItems, quizBefore, quizAfter } = result!;
      const right = [quizBefore, quizAfter].map((share) => Math.round(share * quizItems)).join(' to ');
      expect(log).toContain(`| ${names[variant]} | ${Math.round(100 * taskAfter)} % | ${right} |`);
    }
  });

  it('take the power and the price of the settings', async () => {
    const { here } = await call(fakeApi(world).learn.time, { parameters: 1e9, method: 'full' });
    expect(here!.kwh).toBeCloseTo((world.settings.watts! * here!.seconds) / JOULES_PER_KWH, 9);
    expect(here!.cost).toBeCloseTo(world.settings.pricePerKwh * here!.kwh!, 9);
  });
});
