import { readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { BaseCache } from '../../../../../main/engine/eval/assess/subject.ts';
import { temporaryFolder } from '../../../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);

describe('BaseCache', () => {
  it('computes once for the same model, kind and question', async () => {
    let computed = 0;
    const compute = async () => ({ value: ++computed });
    const cache = new BaseCache(folder, 'model-a', 'ort');
    expect(await cache.get('answers', [1, 2], compute)).toEqual({ value: 1 });
    expect(await cache.get('answers', [1, 2], compute)).toEqual({ value: 1 });
    expect(await new BaseCache(folder, 'model-a', 'ort').get('answers', [1, 2], compute)).toEqual({
      value: 1,
    });
    expect(await cache.get('answers', [1, 3], compute)).toEqual({ value: 2 });
    expect(await cache.get('losses', [1, 2], compute)).toEqual({ value: 3 });
    expect(await new BaseCache(folder, 'model-b', 'ort').get('answers', [1, 2], compute)).toEqual({
      value: 4,
    });
  });

  it('makes a damaged file again, and lives without a place to write', async () => {
    for (const name of readdirSync(folder)) writeFileSync(path.join(folder, name), '{"value":');
    const cache = new BaseCache(folder, 'model-a', 'ort');
    expect(await cache.get('answers', [1, 2], async () => 9)).toBe(9);
    const blocked = path.join(folder, 'file');
    writeFileSync(blocked, '');
    expect(await new BaseCache(blocked, 'm', 'ort').get('answers', 1, async () => 5)).toBe(5);
  });
});
