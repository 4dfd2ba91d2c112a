import { describe, expect, it } from 'vitest';
import { GOALS, MODELS, SAMPLES, suits, suitsPractice } from '../../../../common/settings/suits.ts';
import { sampleSets } from '../../../../main/app/samples.ts';
import { readCatalog } from '../../../../main/hub/catalog.ts';
import { resourcesFolder } from '../../../../main/paths.ts';

describe('what suits a goal', () => {
  it('is said of the samples that come with Fettle, of all of them', async () => {
    expect(Object.keys(SAMPLES).sort()).toEqual((await sampleSets()).map(({ name }) => name).sort());
  });

  it('is a model of the catalog that needs no consent, and a sample, for every goal', async () => {
    const open = (await readCatalog(resourcesFolder())).filter(({ gated }) => !gated).map(({ repo }) => repo);
    for (const goal of GOALS) {
      expect(open, goal).toEqual(expect.arrayContaining([...MODELS[goal]]));
      expect(
        Object.keys(SAMPLES).some((name) => suits(name, goal) !== null),
        goal,
      ).toBe(true);
    }
  });

  it('goes from larger models to smaller ones, so that the first that fits is the best', async () => {
    const catalog = await readCatalog(resourcesFolder());
    const sizes = (goal: (typeof GOALS)[number]) =>
      MODELS[goal].map((repo) => catalog.find((model) => model.repo === repo)!.parameters);
    for (const goal of GOALS) expect(sizes(goal), goal).toEqual(sizes(goal).toSorted((a, b) => b - a));
  });

  it('is the practice model for the first goal and for preferences, whose samples it can learn', () => {
    expect(GOALS.filter((goal) => suitsPractice(goal))).toEqual(['sort', 'prefer']);
    expect(GOALS[0]).toBe('sort');
  });

  it('a sample suits the goals that its rows show', () => {
    expect(suits('support-messages', 'sort')).toBe(0);
    expect(suits('support-messages', 'format')).toBe(1);
    expect(suits('support-messages', 'continue')).toBeNull();
    expect(suits('support-messages', undefined)).toBeNull();
    expect(suits('unknown', 'sort')).toBeNull();
  });
});
