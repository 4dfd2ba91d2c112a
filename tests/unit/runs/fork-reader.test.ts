/** The process that opens files from anywhere: what it can't do, and that it can do its work. */
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import * as extras from '../../../main/engine/extras/call-table.ts';
import { ENGINE_CALLS } from '../../../main/engine/session/call-table.ts';
import { openEngineCalls } from '../../../main/runs/engine-calls.ts';
import { forkFile, forkReader, READS_ONLY } from '../../../main/runs/fork.ts';
import { temporaryFolder, tinyRows, writeRows } from '../../helpers/tiny-model.ts';

const TINY = path.join(import.meta.dirname, '..', '..', '..', 'resources', 'tiny-model');
const { folder, remove } = temporaryFolder();
afterAll(remove);

it('writes nothing, starts nothing and loads no native code', async () => {
  const link = forkFile(path.join(import.meta.dirname, '..', '..', 'helpers', 'try-rights.ts'), {
    permissions: READS_ONLY,
  });
  const met = await new Promise((resolve, reject) => {
    link.onMessage(resolve);
    link.onExit(({ stderr }) => reject(new Error(stderr)));
    link.send({});
  });
  expect(met).toEqual({
    read: 'done',
    write: 'ERR_ACCESS_DENIED',
    process: 'ERR_ACCESS_DENIED',
    thread: 'ERR_ACCESS_DENIED',
    'native code': 'ERR_DLOPEN_DISABLED',
  });
});

it('looks at data and models, shows rows and previews them', async () => {
  const refuse = () => {
    throw new Error('these calls are for the reader alone');
  };
  const engine = openEngineCalls(refuse, { readers: forkReader });
  try {
    const data = writeRows(path.join(folder, 'rows.jsonl'), tinyRows(300));
    expect(await engine.look({ data } as never)).toMatchObject({ rows: 300 });
    expect((await engine.rows({ data: { data } as never, from: 0, count: 3 })).rows).toHaveLength(3);
    expect(await engine.inspect(TINY)).toMatchObject({ family: 'llama' });
    const asked = {
      data: { data } as never,
      model: TINY,
      maxLength: 64,
      trainOn: 'answers' as const,
      from: 0,
      count: 2,
    };
    expect(await engine.preview(asked)).toHaveLength(2);
  } finally {
    engine.close();
  }
});

it('answers these calls and no other', () => {
  const reading = Object.entries(ENGINE_CALLS).flatMap(([name, { at }]) =>
    at === 'reader' && !(name in extras) ? [name] : [],
  );
  expect(reading.sort()).toEqual(['inspect', 'look', 'preview', 'prompts', 'rows', 'show']);
});
