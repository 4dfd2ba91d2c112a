import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { recordAssessment, recordExport, settleKilled } from '../../../main/app/history.ts';
import { thisProcess } from '../../../main/locks.ts';
import { inHistory, withOwnHome } from '../../helpers/own-history.ts';
import { assessment, makeRun } from '../store/made-up.ts';

withOwnHome();

describe('runs of command lines that were killed', () => {
  it('become interrupted, those of living ones and of the window stay', async () => {
    await inHistory((store) => {
      const names = ['dead', 'alive', 'of before', 'window', 'number used again'] as const;
      const ids = new Map(names.map((name) => [name, makeRun(store, name).id]));
      const record = (name: (typeof names)[number], recorder: object) =>
        store.kept.set(`recorder:${ids.get(name)}`, recorder);
      // no process has a number like this
      record('dead', { pid: 2 ** 22 + 1 });
      record('alive', thisProcess());
      // earlier versions kept no start
      record('of before', { pid: process.pid });
      record('number used again', { ...thisProcess(), start: '1' });
      settleKilled(store);
      const interrupted = names.filter((name) => store.runs.get(ids.get(name)!).state === 'interrupted');
      const tellsStart = thisProcess().start !== null;
      expect(interrupted).toEqual(['dead', ...(tellsStart ? ['number used again'] : [])]);
      expect(store.kept.get(`recorder:${ids.get('dead')}`)).toBe(null);
    });
  });
});

describe('assess and export', () => {
  it('are kept with the run that lies in the folder', async () => {
    const id = await inHistory((store) => makeRun(store, 'one', { folder: '/x/one' }).id);
    const warnings: string[] = [];
    const result = { as: 'gguf', out: '/x/one.gguf', files: [] } as never;
    for (const folder of ['/x/one', '/x/unknown']) {
      await recordAssessment(folder, assessment(folder), (text) => warnings.push(text));
      await recordExport(folder, result, (text) => warnings.push(text));
    }
    expect(warnings).toEqual([]);
    await inHistory((store) => {
      expect(store.assessments.get(id)).toEqual(assessment('/x/one'));
      expect(store.exports.list(id)).toMatchObject([{ result, available: false }]);
    });
  });

  it('say so where the history cannot be opened, and succeed', async () => {
    fs.writeFileSync(path.join(process.env.FETTLE_HOME!, 'data'), 'a file');
    const warnings: string[] = [];
    await recordExport('/x/one', {} as never, (text) => warnings.push(text));
    expect(warnings).toEqual([expect.stringContaining('warning: this is not kept in the history.')]);
  });
});
