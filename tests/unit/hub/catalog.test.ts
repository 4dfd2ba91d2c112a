import { describe, expect, it } from 'vitest';
import type { LocalModel } from '../../../common/api/contract.ts';
import { FAMILIES } from '../../../main/engine/models/registry.ts';
import { encodersWithLocal, readCatalog, readEncoders, withLocal } from '../../../main/hub/catalog.ts';
import { RESOURCES } from '../../helpers/hub.ts';

const entries = await readCatalog(RESOURCES);

describe('the catalog', () => {
  it('knows exactly the families that the engine trains and has published shapes of', () => {
    const published = FAMILIES.filter(({ planner }) => Object.keys(planner.published).length > 0);
    expect(new Set(entries.map(({ family }) => family))).toEqual(new Set(published.map(({ type }) => type)));
  });

  it('names every model once', () => {
    expect(new Set(entries.map(({ repo }) => repo.toLowerCase())).size).toBe(entries.length);
    expect(new Set(entries.map(({ name }) => name)).size).toBe(entries.length);
  });

  it('gives at least two bytes to a weight', () => {
    for (const { bytes, parameters, name } of entries)
      expect(bytes / parameters, name).toBeGreaterThanOrEqual(2);
  });

  it('says that models of Meta, and Gemma 3, want a consent', () => {
    for (const { repo, gated } of entries)
      if (/^(meta-llama\/|google\/gemma-3)/.test(repo)) expect(gated, repo).toBe(true);
  });

  it('is refused with a file that is none', async () => {
    await expect(readCatalog('/nowhere')).rejects.toMatchObject({ code: 'catalog-unreadable' });
  });

  it('finds the models that are here', () => {
    const local = { id: 'm-1', repo: entries[1]!.repo, source: 'hub', available: true } as LocalModel;
    const practice = { ...local, id: 'practice', repo: null, source: 'practice' } as const;
    const ids = (all: readonly LocalModel[]) => withLocal(entries, all).map(({ localId }) => localId);
    expect(ids([local, practice]).slice(0, 3)).toEqual(['practice', 'm-1', null]);
    expect(ids([{ ...local, available: false }])[1]).toBeNull();
  });
});

describe('the encoders of the catalog', async () => {
  const encoders = await readEncoders(RESOURCES);

  it('are each named once, and none of them among the models that write', () => {
    const repos = [...entries, ...encoders].map(({ repo }) => repo.toLowerCase());
    expect(new Set(repos).size).toBe(repos.length);
  });

  it('begin with those that a person is offered: the smallest for English, and for other languages', () => {
    const offered = (many: boolean) =>
      encoders.find(({ isMultilingual }) => Boolean(isMultilingual) === many);
    expect(offered(false)?.repo).toBe('sentence-transformers/all-MiniLM-L6-v2');
    expect(offered(true)?.bytes).toBe(
      Math.min(...encoders.flatMap((one) => (one.isMultilingual ? one.bytes : []))),
    );
  });

  it('says which of them ask for an account first, before a download does', () => {
    const offered = encodersWithLocal(encoders, []);
    expect(offered.filter(({ gated }) => gated).map(({ repo }) => repo)).toEqual([
      'google/embeddinggemma-300m',
    ]);
  });

  it('say what their makers put before a text', () => {
    for (const { repo, prompt } of encoders) if (repo.includes('e5')) expect(prompt, repo).toBe('query: ');
  });
});
