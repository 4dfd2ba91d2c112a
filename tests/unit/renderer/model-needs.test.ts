/** What models need depends on the memory that was free: it is asked for again when that has changed, and only then. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { ModelNeeds } from '../../../common/api/contract.ts';

const asked = vi.hoisted(() => [] as ((needs: ModelNeeds) => void)[]);
vi.mock('../../../renderer/api.ts', () => ({
  api: { models: { needs: () => new Promise<ModelNeeds>((resolve) => asked.push(resolve)) } },
  follow: async () => {},
}));

const { models } = await import('../../../renderer/state/models.svelte.ts');
const needsIn = (freeBytes: number): ModelNeeds => ({ freeBytes, catalog: {}, local: {} });

beforeEach(() => {
  asked.length = 0;
  models.needs = null;
});

describe('the needs of models', () => {
  it('are outdated once clearly more or less memory is free', () => {
    expect(models.isOutdated(8e9)).toBe(false);
    models.needs = needsIn(8e9);
    // the program that computes them takes some itself
    for (const free of [8e9, 7.4e9, 8.6e9]) expect(models.isOutdated(free), String(free)).toBe(false);
    for (const free of [7e9, 9e9, 16e9]) expect(models.isOutdated(free), String(free)).toBe(true);
  });

  it('are not asked for twice at a time', async () => {
    models.needs = needsIn(8e9);
    const asking = models.refreshNeeds(models.local);
    expect(models.isOutdated(16e9)).toBe(false);
    asked[0]!(needsIn(16e9));
    await asking;
    expect(models.needs?.freeBytes).toBe(16e9);
    expect([models.isOutdated(16e9), models.isOutdated(8e9)]).toEqual([false, true]);
  });
});
