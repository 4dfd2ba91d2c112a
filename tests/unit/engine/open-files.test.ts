/** Work that fails or is stopped closes the files that it has opened: a process that answers many calls would run out of them. */
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { EngineEvent } from '../../../common/protocol/protocol.ts';
import { parseExportConfig, parseRunConfig } from '../../../main/engine/config/config.ts';
import { WholeRows } from '../../../main/engine/data/tokens/whole-rows.ts';
import { exportRun, train } from '../../../main/engine/session/session.ts';
import { readLooseRows } from '../../../main/rows/read-rows.ts';
import { openFiles, TELLS_OPEN_FILES } from '../../helpers/open-files.ts';
import { temporaryFolder, tinyRows, writeJson, writeRows, writeTinyModel } from '../../helpers/tiny-model.ts';

const { folder, remove } = temporaryFolder();
const at = (...names: string[]) => path.join(folder, ...names);
const going = new AbortController().signal;
let model: string;
let rows: string;
let empty: string;

beforeAll(async () => {
  model = await writeTinyModel(at('model'));
  rows = writeRows(at('rows.jsonl'), tinyRows(30));
  empty = writeRows(at('empty.jsonl'), []);
});
afterAll(remove);

function run(out: string, settings: object, onEvent = (_event: EngineEvent) => {}, stop = going) {
  const config = parseRunConfig({
    ...{ model, data: rows, out: at(out), threads: 1, assess: false, heldOut: 5, maxLength: 64, maxSteps: 2 },
    ...settings,
  });
  return train(config, { emit: onEvent, stop, resume: false });
}

describe.runIf(TELLS_OPEN_FILES)('no file stays open', () => {
  afterEach(() => expect(openFiles(folder)).toEqual([]));

  it('after a training', async () => {
    expect(await run('whole', {})).toMatchObject({ event: 'done' });
  });

  it('after one whose rows to evaluate with hold nothing', async () => {
    await expect(run('no-eval', { evalData: empty })).rejects.toMatchObject({ code: 'no-rows' });
  });

  it('after one whose general rows hold nothing', async () => {
    const settings = { evalData: rows, replay: 0.2, replayData: empty };
    await expect(run('no-replay', settings)).rejects.toMatchObject({ code: 'no-rows' });
  });

  it('after one whose tokenizer belongs to another model', async () => {
    const other = await writeTinyModel(at('other'));
    const file = path.join(other, 'tokenizer.json');
    const tokenizer = JSON.parse(readFileSync(file, 'utf8'));
    tokenizer.added_tokens.push({ ...tokenizer.added_tokens[0], id: 256, content: '<|more|>' });
    writeJson(file, tokenizer);
    await expect(run('mismatch', { model: other })).rejects.toMatchObject({ code: 'tokenizer.mismatch' });
  });

  it('after one that was stopped before its first step', async () => {
    const pairs = Array.from({ length: 30 }, (_, i) => ({
      prompt: `Question ${i}`,
      chosen: 'Yes',
      rejected: 'No',
    }));
    const stop = new AbortController();
    const onEvent = (event: EngineEvent) => event.event === 'phase' && event.phase === 'ask' && stop.abort();
    const data = writeRows(at('pairs.jsonl'), pairs);
    const stopped = run('stopped', { data, objective: 'dpo' }, onEvent, stop.signal);
    await expect(stopped).rejects.toMatchObject({ code: 'stopped' });
  });

  it('after an export of a run whose rows are gone', async () => {
    const evalData = writeRows(at('eval.jsonl'), tinyRows(5, 2));
    await run('exported', { evalData });
    writeFileSync(evalData, '');
    const config = parseExportConfig({ run: at('exported'), as: 'peft', out: at('copy') });
    const { files } = await exportRun(config, { emit: () => {}, stop: going });
    expect(files.length).toBeGreaterThan(0);
  });

  it('after rows of which nobody wants to know any more', async () => {
    const refuse = () => {
      throw new Error('enough');
    };
    await expect(readLooseRows([rows], { onFile: refuse }).next()).rejects.toThrow('enough');
  });

  it('after rows that could not be cut', async () => {
    // so many that what is kept of each goes to the disk; the last one is the only one that is read again
    const many = Array.from({ length: 9000 }, (_, i) => ({
      prompt: `${i}`,
      completion: i < 8999 ? 'short' : 'long',
    }));
    const whole = await WholeRows.read({
      ...{ files: [writeRows(at('many.jsonl'), many)], maxLength: 4, onBadRow: 'stop', folder: at('tokens') },
      encodeRow: (row) =>
        JSON.stringify(row).includes('long')
          ? { ids: [1, 2, 3, 4], labels: [-100, 2, 3, 4] }
          : { ids: [1, 2, 3], labels: [-100, 2, 3] },
    });
    await whole.close();
    await expect(whole.cutAt(3)).rejects.toThrow();
    whole.store.hashes.close();
  });
});
