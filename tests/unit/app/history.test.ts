import fs from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { recordAssessment, recordExport, settleKilled } from '../../../main/app/history.ts';
import { inHistory, withOwnHome } from '../../helpers/own-history.ts';
import { assessment, makeRun } from '../store/made-up.ts';

withOwnHome();

describe('runs of command lines that were killed', () => {
  it('become interrupted, those of living ones and of the window stay', async () => {
    await inHistory((store) => {
      const [dead, alive, ofWindow] = ['dead', 'alive', 'window'].map((name) => makeRun(store, name).id) as [
        string,
        string,
        string,
      ];
      // no process has a number like this
      store.kept.set(`recorder:${dead}`, { pid: 2 ** 22 + 1 });
      store.kept.set(`recorder:${alive}`, { pid: process.pid });
      settleKilled(store);
      expect([dead, alive, ofWindow].map((id) => store.runs.get(id).state)).toEqual([
        'interrupted',
        'running',
        'running',
      ]);
      expect(store.kept.get(`recorder:${dead}`)).toBe(null);
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
