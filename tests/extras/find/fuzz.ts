import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { FolderIndex } from '../../../main/extras/find/index-file.ts';
import { type ExtraFuzz, everyEnd, type Reader, seedOf } from '../../campaign/fuzz/reader.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';

const calls = {
  '/find/folders': undefined,
  '/find/index': { folder: '/data', encoders: [] },
  '/find/ask': { id: '0123456789abcdef', question: 'What?', encoders: [], most: 5 },
  '/find/rerankers': undefined,
  '/find/train': {
    ...{ trainer: 'vectors', data: ['/data/pairs.csv'], encoder: '/models/reader', name: 'pairs', key: '1' },
  },
  '/find/finishTraining': { key: '1' },
  '/find/trained': { runId: 'abc' },
  '/find/inFile': { id: '0123456789abcdef', passage: 1 },
  '/find/remove': { id: '0123456789abcdef' },
};

/** The index of a folder. */
const index: Reader = {
  name: 'find-index',
  async open() {
    const made = temporaryFolder();
    const file = path.join(made.folder, 'seed.db');
    const begun = FolderIndex.open(file, '/data');
    begun.put(
      { path: 'a.txt', bytes: 1, changed: 1, hash: 'a' },
      { passages: [{ text: 'one two three', heading: '', page: null }], isCut: false },
    );
    begun.close();
    const { readFileSync } = await import('node:fs');
    return {
      seeds: [seedOf('0123456789abcdef.db', 'bytes', readFileSync(file))],
      async read(bytes) {
        const at = path.join(made.folder, 'read.db');
        writeFileSync(at, bytes);
        const opened = FolderIndex.open(at, '/data');
        try {
          await everyEnd([
            async () => opened.files(),
            async () => opened.byWords('two', 5),
            async () => opened.unread(null, 5),
            async () => opened.counts(),
            async () => opened.around(1, 5),
          ]);
        } finally {
          opened.close();
        }
      },
      async close() {
        made.remove();
      },
    };
  },
};

export const findFuzz: ExtraFuzz = { calls, readers: [index] };
