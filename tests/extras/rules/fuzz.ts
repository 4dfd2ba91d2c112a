import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { KeptDrills } from '../../../main/extras/rules/kept.ts';
import { type ExtraFuzz, everyEnd, type Reader, seedOf } from '../../campaign/fuzz/reader.ts';
import { testParts } from '../../helpers/test-parts.ts';
import { drillOperation } from './operation.ts';

const rules = [{ kind: 'words', least: 1, most: 9 }];
const calls = {
  '/drills/try': { paths: ['/data/rows.csv'], modelId: 'm', rules },
  '/drills/create': { name: 'Restaurants', paths: ['/data/rows.csv'], modelId: 'm', rules, samples: 4 },
  '/drills/start': { id: '0a' },
  '/drills/stop': { id: '0a' },
  '/drills/answers': { id: '0a' },
};

/** What a model said and what was learned, a line each. */
const journals: Reader = {
  name: 'drills',
  async open() {
    const { parts, folder, remove } = await testParts({ engine: {} });
    await mkdir(path.join(folder, 'drills'));
    const row = (content: string) => ({ turns: [{ role: 'user', content }] });
    const lines = [
      {
        ...{ fettle: 'drill', version: 1, name: 'Restaurants', created: '2026-01-02T03:04:05.000Z', rules },
        ...{ rows: [row('One?'), row('Two?')], test: [1], samples: 2, temperature: 0.8, maxNewTokens: 9 },
        ...{ rounds: 2, pairs: true, seed: 1, modelId: 'm' },
      },
      { round: 0, row: 1, sample: 0, text: 'yes', passes: true, score: 1, reason: '' },
      { round: 1, row: 0, sample: 0, text: 'no', passes: false, score: 0, reason: 'short' },
      { round: 1, kind: 'answers', rows: 1, run: 'run-1' },
    ];
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    return {
      seeds: [seedOf('0a.jsonl', 'jsonl', Buffer.from(text))],
      async read(bytes) {
        writeFileSync(path.join(folder, 'drills', '0a.jsonl'), bytes);
        const kept = new KeptDrills(parts);
        await everyEnd([() => kept.watch(AbortSignal.timeout(1000)).next(), () => kept.answers('0a')]);
      },
      async close() {
        remove();
      },
    };
  },
};

export const rulesFuzz: ExtraFuzz = { calls, readers: [journals], operations: [drillOperation] };
