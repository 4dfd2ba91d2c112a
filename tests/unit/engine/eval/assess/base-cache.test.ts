import { readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { BaseCache } from '../../../../../main/engine/eval/assess/base-cache.ts';
import { temporaryFolder } from '../../../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
afterAll(remove);

describe('BaseCache', () => {
  it('computes once for the same model, kind and question', async () => {
    let computed = 0;
    const compute = async () => ({ value: ++computed });
    const cache = new BaseCache(folder, 'model-a');
    expect(await cache.get('texts', [1, 2], compute)).toEqual({ value: 1 });
    expect(await cache.get('texts', [1, 2], compute)).toEqual({ value: 1 });
    expect(await new BaseCache(folder, 'model-a').get('texts', [1, 2], compute)).toEqual({
      value: 1,
    });
    expect(await cache.get('texts', [1, 3], compute)).toEqual({ value: 2 });
    expect(await cache.get('losses', [1, 2], compute)).toEqual({ value: 3 });
    expect(await new BaseCache(folder, 'model-b').get('texts', [1, 2], compute)).toEqual({
      value: 4,
    });
  });

  it('computes again what no longer serves, and keeps no lack of a result', async () => {
    const cache = new BaseCache(folder, 'model-c');
    let next: number | null = 1;
    const compute = async () => next;
    const at = (least: number) => cache.get('search', 'prompt', compute, (kept) => kept >= least);
    expect(await at(1)).toBe(1);
    next = 2;
    expect([await at(1), await at(2), await at(1)]).toEqual([1, 2, 2]);
    next = null;
    expect([await at(3), await at(2)]).toEqual([null, 2]);
  });

  it('asks only what it was not asked before, of the same model', async () => {
    const BREAKS = 99;
    const asked: number[] = [];
    const question = (id: number, more = {}) => ({ prompt: [id], maxNewTokens: 4, decision: null, ...more });
    type Told = (index: number, answer: { text: string; newTokens: number }) => void;
    const ask = async (missing: readonly { prompt: readonly number[] }[], told: Told) => {
      for (const [index, { prompt }] of missing.entries()) {
        asked.push(prompt[0]!);
        if (prompt[0] === BREAKS) throw new Error('stopped');
        told(index, { text: `said ${prompt[0]}`, newTokens: 2 });
      }
    };
    const cache = () => new BaseCache(path.join(folder, 'each'), 'model-a');
    const texts = async (model: BaseCache, ...questions: ReturnType<typeof question>[]) => {
      const said: string[] = [];
      const take: Told = (place, { text }) => {
        said[place] = text;
      };
      await model.answers(questions, take, ask);
      return said;
    };
    expect(await texts(cache(), question(1), question(2))).toEqual(['said 1', 'said 2']);
    expect(await texts(cache(), question(3), question(1))).toEqual(['said 3', 'said 1']);
    expect(asked.splice(0)).toEqual([1, 2, 3]);
    expect(await texts(cache(), question(2), question(3))).toEqual(['said 2', 'said 3']);
    expect(asked.splice(0)).toEqual([]);
    const decision = { name: 'json', isDecided: () => false };
    await texts(cache(), question(1, { maxNewTokens: 5 }), question(2, { decision }), question(3));
    await texts(new BaseCache(path.join(folder, 'each'), 'model-b'), question(1));
    expect(asked.splice(0)).toEqual([1, 2, 1]);
    await expect(texts(cache(), question(7), question(BREAKS), question(8))).rejects.toThrow('stopped');
    expect(await texts(cache(), question(7), question(8))).toEqual(['said 7', 'said 8']);
    expect(asked).toEqual([7, BREAKS, 8]);
  });

  it('makes a damaged file again, and lives without a place to write', async () => {
    const names = readdirSync(folder).filter((name) => name.endsWith('.json'));
    for (const name of names) writeFileSync(path.join(folder, name), '{"value":');
    const cache = new BaseCache(folder, 'model-a');
    expect(await cache.get('texts', [1, 2], async () => 9)).toBe(9);
    const blocked = path.join(folder, 'file');
    writeFileSync(blocked, '');
    expect(await new BaseCache(blocked, 'm').get('texts', 1, async () => 5)).toBe(5);
  });

  it('drops what was not asked for longest, of all models', async () => {
    const place = path.join(folder, 'bounded');
    const text = 'x'.repeat(1000);
    const asked: string[] = [];
    const get = (model: string) =>
      new BaseCache(place, model, 2500).get('texts', 1, async () => {
        asked.push(model);
        return text;
      });
    const age = (seconds: number) => {
      for (const name of readdirSync(place)) {
        const file = path.join(place, name);
        const then = statSync(file).mtimeMs / 1000 - seconds;
        utimesSync(file, then, then);
      }
    };
    for (const model of ['a', 'b']) {
      await get(model);
      age(100);
    }
    // asked again, so that b is the oldest
    await get('a');
    age(100);
    await get('c');
    expect(readdirSync(place)).toHaveLength(2);
    await get('a');
    expect(asked).toEqual(['a', 'b', 'c']);
    await get('b');
    expect(asked).toEqual(['a', 'b', 'c', 'b']);
  });
});
