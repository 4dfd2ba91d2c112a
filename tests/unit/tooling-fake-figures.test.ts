/** The made-up figures of the pictures: they may be any, but they must not contradict each other, nor what Fettle measured. */
import { call } from '@orpc/server';
import { describe, expect, it } from 'vitest';
import type { PlanMethod } from '../../common/api/contract.ts';
import { askRivals } from '../../main/engine/eval/rivals/rivals.ts';
import { readCatalog } from '../../main/hub/catalog.ts';
import { resourcesFolder } from '../../main/paths.ts';
import { answersFrom, fakeAssessment, RIVALS_RIGHT } from '../helpers/fake-api/assessment.ts';
import { fakeLook, fakePreview, fakeReport } from '../helpers/fake-api/data.ts';
import { fakeFigures } from '../helpers/fake-api/figures.ts';
import { fakeProposal } from '../helpers/fake-api/propose.ts';
import { fakeWorld } from '../helpers/fake-api/world.ts';
import { fakeApi } from '../helpers/fake-api.ts';
import { SCREENS } from '../helpers/screens.ts';

const JOULES_PER_KWH = 3.6e6;
const world = fakeWorld({ still: true });
const practice = world.local.find(({ id }) => id === 'practice')!;
const asked = { modelId: 'practice', prompts: [], data: { paths: ['rows.jsonl'] }, settings: {} };
const run = (settings: Record<string, unknown>) => fakeFigures({ modelId: 'practice', settings }, world);

describe('the fake plan', () => {
  it.each([3, 8000])(
    'asks for the energy of its time, and for the money of its energy (%i epochs)',
    async (epochs) => {
      const { seconds, kwh, cost } = await run({ method: 'full', epochs });
      expect(kwh).toBeCloseTo((world.settings.watts! * seconds!) / JOULES_PER_KWH, 9);
      expect(cost).toBeCloseTo(world.settings.pricePerKwh * kwh!, 9);
    },
  );

  it('prices the model that the lists show', async () => {
    const bundled = (await readCatalog(resourcesFolder())).find(
      ({ repo }) => repo === 'fettle/practice-model',
    )!;
    const { parameters, trainableParameters } = await run({ method: 'full' });
    expect([parameters, trainableParameters, practice.parameters]).toEqual(Array(3).fill(bundled.parameters));
    expect(practice.bytes).toBe(bundled.bytes);
  });

  it('says of each method what that takes', async () => {
    const needs = (method: PlanMethod) => run({ method }).then(({ peakBytes }) => peakBytes);
    const bytes = await Promise.all((['full', 'lora', 'qlora'] as const).map(needs));
    expect(new Set(bytes).size).toBe(3);
  });

  it('proposes no rows that the model cannot read, and cuts as many as the doctor counts', async () => {
    const { methods, lengths } = await fakeProposal({ ...asked, wish: { kind: 'best' } }, world);
    const { contextLength } = await run({});
    for (const { planned } of methods)
      expect(planned!.settings.maxLength).toBeLessThanOrEqual(contextLength!);
    const report = fakeReport(['rows.jsonl']);
    const { histogram } = report.lengths;
    const longer = histogram.filter(({ upTo }) => upTo > 128).reduce((sum, { rows }) => sum + rows, 0);
    expect(lengths!.choices.find(({ maxLength }) => maxLength === 128)?.rowsCut).toBe(longer);
    expect(histogram.reduce((sum, { rows }) => sum + rows, 0)).toBe(report.rows);
    expect([lengths!.rows, fakeLook(['rows.jsonl']).rows]).toEqual([report.rows, report.rows]);
  });
});

describe('the fake rows', () => {
  it('have labels and tokens that add up', () => {
    const { labels, rows } = fakeReport(['rows.jsonl']);
    for (const { values } of labels) expect(values.reduce((sum, each) => sum + each.rows, 0)).toBe(rows);
    for (const { pieces, tokens } of fakePreview(['rows.jsonl'], 0, 3))
      expect(pieces.reduce((sum, piece) => sum + piece.tokens.length, 0)).toBe(tokens);
  });
});

describe('a fake assessment', () => {
  const cases = (['yes', 'partly', 'no'] as const).flatMap((learned) =>
    (['nothing', 'little', 'much'] as const).map((forgot) => [learned, forgot] as const),
  );

  it.each(cases)('is judged as the history says: learned %s, forgot %s', (learned, forgot) => {
    const { verdict } = fakeAssessment({ ...world.runs[1]!, learned, forgot });
    expect(verdict).toMatchObject({ learned, forgot });
  });

  it.each(cases)('counts what broke and what was mended as its points say (%s, %s)', (learned, forgot) => {
    const { forgetting, answers } = fakeAssessment({ ...world.runs[1]!, learned, forgot });
    const { total, topics, broke, mended } = forgetting!.quiz!;
    const lost = (one: typeof total) => Math.round(one.items * (one.before.value - one.after.value));
    expect(lost(total)).toBe(broke.length - mended);
    expect(topics.reduce((sum, topic) => sum + lost(topic), 0)).toBe(lost(total));
    const { counts } = answers!.confusion!.after;
    expect(counts.flat().reduce((sum, rows) => sum + rows, 0)).toBe(answers!.rows);
  });
});

describe('what simpler ways get in a fake assessment', () => {
  it('is what they get of the real rows', () => {
    const [taught, asked] = [answersFrom(''), answersFrom('.held-out')];
    const allowed = [...new Set(taught.map(({ answer }) => answer))];
    const rights = asked.map(() => true);
    const { rivals } = askRivals(allowed, taught, asked, rights)!;
    const right = rivals.map(({ name, score }) => [name, Math.round(score.value * asked.length)]);
    expect(Object.fromEntries(right)).toEqual(RIVALS_RIGHT);
  });

  it('goes into the verdict beside what the models know', () => {
    const { verdict, closed } = fakeAssessment({ ...world.runs[1]!, learned: 'yes', forgot: 'nothing' });
    expect(closed!.known.after.value).toBeGreaterThan(closed!.known.before.value + 0.6);
    expect(verdict.score!.value).toBe(closed!.known.after.value);
    expect(verdict.remarks.join(' ')).toMatch(/most similar training row: .*81%/);
  });
});

describe('the fake computer', () => {
  it.each(Object.values(SCREENS).flat())('has the memory that it says: $name', async (screen) => {
    const shown = fakeWorld({ still: true });
    screen.world?.(shown);
    const { hardware, totalMemory, freeMemory, freeDisk } = shown.facts;
    expect(hardware).toMatchObject({ memory: { total: totalMemory, available: freeMemory } });
    expect(hardware).toMatchObject({ disk: { free: freeDisk } });
    for await (const now of await call(fakeApi(shown).computer.now, undefined)) {
      expect(now.freeMemory).toBeLessThanOrEqual(freeMemory);
      break;
    }
  });

  it('lists the loss that the curve of a run shows', async () => {
    for (const { id, bestLoss } of world.runs.slice(0, 5)) {
      const { evals } = await call(fakeApi(world).runs.curves, { id });
      expect(bestLoss).toBeCloseTo(Math.min(...evals.map(({ loss }) => loss)), 9);
    }
  });

  it('trains as fast as it says', () => {
    const [job] = world.jobs;
    const [going] = world.runs;
    const secondsAStep = going!.seconds! / going!.step;
    expect([job!.step, job!.steps]).toEqual([going!.step, going!.steps]);
    expect(job!.secondsLeft).toBeCloseTo((job!.steps! - job!.step!) * secondsAStep, 6);
    const lasted = (Date.parse(world.iso(0)) - Date.parse(going!.started!)) / 1000;
    expect(lasted).toBeCloseTo(going!.seconds!, 0);
  });
});
