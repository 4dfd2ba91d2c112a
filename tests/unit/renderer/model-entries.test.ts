import { describe, expect, it } from 'vitest';
import type { CatalogModel, LocalModel, ModelNeed } from '../../../common/api/contract.ts';
import { MODELS } from '../../../common/settings/suits.ts';
import { readCatalog, withLocal } from '../../../main/hub/catalog.ts';
import { resourcesFolder } from '../../../main/paths.ts';
import {
  allOf,
  downloadSeconds,
  entriesOf,
  fewOf,
  type ModelEntry,
  recommended,
  skilled,
} from '../../../renderer/models/entries.ts';
import { largestWriter } from '../../../renderer/state/models.svelte.ts';
import { fakeWorld } from '../../helpers/fake-api/world.ts';

const { local } = fakeWorld();
const catalog: CatalogModel[] = withLocal(await readCatalog(resourcesFolder()), local);
const entries = entriesOf(local, catalog);
const HOUR = 3600;

/** A computer in which models up to so many weights are comfortable, and take an hour for each 200 million. */
function needsUpTo(parameters: number) {
  return (entry: ModelEntry): ModelNeed => {
    const fits = entry.parameters <= parameters ? 'comfortable' : 'too-big';
    const seconds = { value: (entry.parameters / 200e6) * HOUR };
    const fit = { fits, seconds } as ModelNeed['lora'];
    return { lora: fit, qlora: fit, full: fit };
  };
}
const repoOf = (entry: ModelEntry | null) => entry?.catalog?.repo ?? null;

describe('the models to choose from', () => {
  it('are those that are here and those of the catalog, each once', () => {
    const keys = entries.map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
    expect(entries.filter(({ catalog }) => catalog?.repo === MODELS.sort.at(-1))).toMatchObject([
      { key: 'smollm2', local: { id: 'smollm2' } },
    ]);
    expect(entries.filter(({ isPractice }) => isPractice)).toHaveLength(1);
  });

  it('recommend the best for the goal that fits comfortably and is trained in an evening', () => {
    const downloads = entries.filter((entry) => entry.local === null);
    expect(repoOf(recommended(downloads, 'sort', needsUpTo(600e6)))).toBe('Qwen/Qwen2.5-0.5B-Instruct');
    expect(repoOf(recommended(downloads, 'sort', needsUpTo(400e6)))).toBe(
      'HuggingFaceTB/SmolLM2-360M-Instruct',
    );
    // larger ones fit, and would take the night
    expect(repoOf(recommended(entries, 'style', needsUpTo(9e9)))).toBe('Qwen/Qwen2.5-0.5B-Instruct');
    expect(repoOf(recommended(entries, 'continue', needsUpTo(400e6)))).toBe('HuggingFaceTB/SmolLM2-360M');
    expect(recommended(entries, 'style', needsUpTo(1e6))).toBeNull();
    expect(recommended(entries, 'style', () => undefined)).toBeNull();
  });

  it('recommend what is here: to sort a small one, to write one that is half as large as the best download', () => {
    const [given] = local.filter(({ source }) => source !== 'practice');
    const here = (name: string, parameters: number, more: Partial<LocalModel> = {}): LocalModel => {
      const own = { id: name, name, parameters, repo: null, available: true, hasChatTemplate: true };
      return { ...given!, ...own, ...more };
    };
    const best = (goal: 'sort' | 'style' | 'tools', ...models: LocalModel[]) => {
      const found = recommended(entriesOf(models, withLocal(catalog, models)), goal, needsUpTo(600e6));
      return found?.local?.name ?? found?.catalog?.repo;
    };
    expect(best('sort', here('own', 135e6))).toBe('own');
    expect(best('style', here('own', 135e6))).toBe('Qwen/Qwen2.5-0.5B-Instruct');
    expect(best('style', here('own', 360e6), here('smaller', 270e6))).toBe('own');
    expect(best('sort', here('toy', 1e6))).toBe('Qwen/Qwen2.5-0.5B-Instruct');
    expect(best('sort', here('gone', 360e6, { available: false }))).toBe('Qwen/Qwen2.5-0.5B-Instruct');
    expect(best('sort', here('base', 360e6, { hasChatTemplate: false }))).toBe('Qwen/Qwen2.5-0.5B-Instruct');
    expect(best('tools', here('mute', 500e6, { skills: [] }))).not.toBe('mute');
  });

  it('write with the largest that is here and was made for conversations', () => {
    const one = (id: string, parameters: number, more: Partial<LocalModel> = {}): LocalModel => ({
      ...local[0]!,
      ...{ id, parameters, available: true, hasChatTemplate: true, ...more },
    });
    const models = [one('small', 1), one('large', 3), one('base', 9, { hasChatTemplate: false })];
    expect(largestWriter([...models, one('gone', 8, { available: false })])?.id).toBe('large');
    expect(largestWriter([models[2]!])?.id).toBe('base');
  });

  it('show few at first: for sorting the practice model on top, for another goal without it', () => {
    const needOf = needsUpTo(600e6);
    const few = (goal: 'sort' | 'style', chosen?: string) =>
      fewOf(entries, goal, { best: recommended(entries, goal, needOf), chosen, needOf });
    expect(few('sort')[0]!.isPractice).toBe(true);
    expect(repoOf(few('sort')[1]!)).toBe('HuggingFaceTB/SmolLM2-135M-Instruct');
    expect(few('style').some(({ isPractice }) => isPractice)).toBe(false);
    // what is chosen is seen in any case
    expect(few('style', 'practice')[0]!.isPractice).toBe(true);
    for (const shown of [few('sort'), few('style'), few('style', 'practice')]) {
      expect(shown.length).toBeGreaterThanOrEqual(3);
      expect(shown.length).toBeLessThanOrEqual(5);
    }
  });

  it('have the practice model last where it cannot learn the goal', () => {
    expect(allOf(entries, 'style').at(-1)!.isPractice).toBe(true);
    expect(allOf(entries, 'sort').at(-1)!.isPractice).toBe(false);
    expect(allOf(entries, 'style')).toHaveLength(entries.length);
  });

  it('can do what their goal asks, and one of them is named beside a model that cannot', () => {
    for (const [goal, skill] of [
      ['tools', 'tools'],
      ['think', 'thinking'],
    ] as const)
      for (const repo of MODELS[goal])
        expect(entries.find(({ catalog }) => catalog?.repo === repo)?.skills, repo).toContain(skill);
    const best = recommended(entries, 'tools', needsUpTo(600e6));
    expect(best?.skills).toContain('tools');
    expect(skilled(entries, 'tools', 'tools', best)).toBe(best);
    // nothing fits: the smallest
    expect(repoOf(skilled(entries, 'tools', 'tools', null))).toBe(MODELS.tools.at(-1));
    expect(skilled([], 'tools', 'tools', null)).toBeNull();
  });

  it('know of a file what its own template says, and else what the catalog does', () => {
    const [here] = local.filter(({ id }) => id === 'smollm2');
    const of = (model: LocalModel) => entriesOf([model], catalog)[0]!.skills;
    expect(of(here!)).toEqual([]);
    expect(of({ ...here!, skills: ['tools'] })).toEqual(['tools']);
    expect(of({ ...here!, repo: null, id: 'own', source: 'folder' })).toBeNull();
  });

  it('tell a local model that the catalog does not know', () => {
    const own = { ...local[0]!, id: 'own', source: 'folder', repo: null } as LocalModel;
    expect(entriesOf([own], catalog)[0]).toMatchObject({ key: 'own', isPractice: false, catalog: null });
  });

  it('take as long to download as a usual line does, or as the download that goes on', () => {
    expect(downloadSeconds(625e6, null)).toBe(100);
    expect(downloadSeconds(625e6, 62.5e6)).toBe(10);
  });
});
