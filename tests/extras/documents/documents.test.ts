/** Documents that are found and read through the engine's calls. */
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { call } from '@orpc/server';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { CallEvent } from '../../../common/protocol/protocol.ts';
import { apiRouter } from '../../../main/api/api.ts';
import { allowedPaths } from '../../../main/app/allowed.ts';
import { readDocuments } from '../../../main/extras/documents/documents.ts';
import { openEngineCalls } from '../../../main/runs/engine-calls.ts';
import { engineHere } from '../../helpers/engine-here.ts';
import { addModel, testParts } from '../../helpers/test-parts.ts';
import { temporaryFolder } from '../../helpers/tiny-model.ts';

let folder: ReturnType<typeof temporaryFolder>;
let engine: ReturnType<typeof openEngineCalls>;
beforeEach(() => {
  folder = temporaryFolder();
  engine = openEngineCalls(engineHere);
});
afterEach(() => {
  engine.close();
  folder.remove();
});

const place = (name: string) => path.join(folder.folder, name);

it('come from a folder without what cannot be read in it, which is told', async () => {
  mkdirSync(place('docs/deep'), { recursive: true });
  for (const [name, text] of [
    ['a.txt', 'Clean the filter.'],
    ['deep/b.md', 'It is sent at noon.'],
    ['empty.txt', ''],
    ['rows.csv', 'no,document'],
  ])
    writeFileSync(place(`docs/${name}`), text!);
  const events: CallEvent[] = [];
  const io = { emit: (event: CallEvent) => void events.push(event) };
  expect(await readDocuments([place('docs')], engine, io)).toEqual([
    { file: place('docs/a.txt'), blocks: [{ level: 0, text: 'Clean the filter.' }] },
    { file: place('docs/deep/b.md'), blocks: [{ level: 0, text: 'It is sent at noon.' }] },
  ]);
  const warnings = events.flatMap((event) =>
    'event' in event && event.event === 'warning' ? event.message : [],
  );
  expect(warnings).toEqual([expect.stringMatching(/^Left out: .*empty\.txt/)]);
  const read = events.flatMap((event) => ('event' in event && event.event === 'phase' ? event.detail : []));
  expect(read).toEqual(['a.txt', 'b.md', 'empty.txt']);
  // a file that is named must be readable
  await expect(
    readDocuments([place('docs/a.txt'), place('docs/empty.txt')], engine, io),
  ).rejects.toMatchObject({ message: expect.stringContaining('empty.txt') });
  rmSync(place('docs'), { recursive: true });
  await expect(readDocuments([place('.')], engine, io)).rejects.toMatchObject({ code: 'no-data' });
});

it('may not be reached through links out of what was chosen', async () => {
  const reached: string[] = [];
  const opened = await testParts({
    engine: {
      documentFiles: async () => {
        reached.push('documentFiles');
        return [];
      },
    },
  });
  try {
    const model = addModel(opened.store);
    const allowed = allowedPaths(opened.store);
    const router = apiRouter({ ...opened.parts, allowed }, opened.log);
    const secrets = path.join(opened.folder, 'secrets.json');
    writeFileSync(secrets, '{}');
    const home = place('chosen');
    mkdirSync(home);
    symlinkSync(secrets, path.join(home, 'notes.txt'));
    await call(router.files.open, { what: 'data', paths: [home] });
    const asked = { paths: [home], of: { modelId: model.id }, perPassage: 1 };
    const written = async () => {
      for await (const _ of await call(router.documents.write, asked));
    };
    await expect(written()).rejects.toMatchObject({ data: { code: 'data-elsewhere' } });
    expect(reached).toEqual([]);
  } finally {
    opened.remove();
  }
});
