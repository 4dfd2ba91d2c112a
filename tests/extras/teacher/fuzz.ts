import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { KeptTeachings } from '../../../main/extras/teacher/kept.ts';
import { type ExtraFuzz, everyEnd, type Reader, seedOf } from '../../campaign/fuzz/reader.ts';
import { testParts } from '../../helpers/test-parts.ts';

const calls = {
  '/teacher/list': undefined,
  '/teacher/create': {
    ...{ name: 'Mails', raw: ['/data/raw.csv'], examples: ['/data/rows.csv'], samples: 3, vary: 2 },
    teacher: { url: 'http://127.0.0.1:9', mayLeave: false },
  },
  '/teacher/decide': { id: '0a', row: 0, answer: 'a' },
  '/teacher/export': { id: '0a' },
};

/** What a teacher and a person said, a line each. */
const journals: Reader = {
  name: 'teachings',
  async open() {
    const { parts, folder, remove } = await testParts({
      engine: { teacherStudy: async () => ({ rows: [], order: [], student: null, usable: 0, samples: 0 }) },
    });
    await mkdir(path.join(folder, 'teaching'));
    const about = { kind: 'categories', answers: ['a', 'b'], samples: 2, temperature: 0.7 };
    const lines = [
      {
        ...{ fettle: 'teaching', version: 1, name: 'Mails', created: '2026-01-02T03:04:05.000Z', ...about },
        ...{
          examples: [{ text: 'x', answer: 'a' }],
          ...{ texts: ['y', 'z'], vary: 2 },
          teacher: { url: 'http://127.0.0.1:9' },
        },
      },
      { lesson: 'l', messages: [{ role: 'system', content: 'Sort.' }] },
      { row: 0, said: ['a', 'b'], model: 'm', lesson: 'l', tokens: 9, seconds: 1 },
      { example: 0, varied: ['v', 'w'], model: 'm', lesson: 'l', tokens: 9, seconds: 1 },
      { row: 0, decided: 'a' },
      { undone: 0 },
    ];
    const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('');
    return {
      seeds: [seedOf('0a.jsonl', 'jsonl', Buffer.from(text))],
      async read(bytes) {
        writeFileSync(path.join(folder, 'teaching', '0a.jsonl'), bytes);
        const kept = new KeptTeachings(parts);
        await kept.list();
        await everyEnd([
          () => kept.get('0a'),
          () => kept.export('0a'),
          () => kept.decide({ id: '0a', row: 0, answer: 'a' }),
          () => kept.undo('0a'),
        ]);
      },
      async close() {
        remove();
      },
    };
  },
};

export const teacherFuzz: ExtraFuzz = { calls, readers: [journals] };
