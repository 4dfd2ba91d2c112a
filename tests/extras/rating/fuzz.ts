import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { exportRating, rate, rating, ratingList, undoRating } from '../../../main/extras/rating/ratings.ts';
import { type ExtraFuzz, everyEnd, type Reader, RUN, seedOf } from '../../campaign/fuzz/reader.ts';
import { testParts } from '../../helpers/test-parts.ts';

const calls = {
  '/ratings/list': undefined,
  '/ratings/create': {
    ...{ name: 'Kind', answerers: [{ modelId: 'm' }, { runId: RUN, from: 'after' }] },
    ...{ prompts: { paths: ['/data/prompts.txt'] }, temperature: 0.8, maxNewTokens: 9 },
  },
  '/ratings/rate': { id: '0a', number: 0, answers: ['a', 'b'], better: 1 },
  '/ratings/export': { id: '0a' },
};

/** A list of prompts with what a person said of the answers. */
const ratings: Reader = {
  name: 'ratings',
  async open() {
    const { parts, folder, remove } = await testParts();
    await mkdir(path.join(folder, 'ratings'));
    const models = [{ modelId: 'a' }, { runId: 'b', from: 'after' }];
    const lines = [
      {
        ...{ name: 'Kind answers', answerers: models, temperature: 0.8, maxNewTokens: 9, system: 'Be kind.' },
        ...{ created: '2026-01-02T03:04:05.000Z', prompts: [[{ role: 'user', content: 'Hi' }]] },
      },
      { answers: ['Hello', 'What?'], better: 0 },
      { answers: ['Yes', 'No'], better: null },
    ];
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    return {
      seeds: [seedOf('0a.jsonl', 'jsonl', Buffer.from(text))],
      async read(bytes) {
        writeFileSync(path.join(folder, 'ratings', '0a.jsonl'), bytes);
        await ratingList(parts);
        await everyEnd([
          () => rating(parts, '0a'),
          () => exportRating(parts, '0a'),
          () => rate(parts, { id: '0a', number: 2, answers: ['a', 'b'], better: 1 }),
          () => undoRating(parts, '0a'),
        ]);
      },
      async close() {
        remove();
      },
    };
  },
};

export const ratingFuzz: ExtraFuzz = { calls, readers: [ratings] };
