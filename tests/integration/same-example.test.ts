/**
 * What the first steps of the wizard say of a model before it is here is what the plan says of the same run once it is: the cell of
 * the grid, the catalog, the model's own card, the plan step and `fettle plan` have the same number, to the last digit, with the usual
 * settings and with the lighter ones that a computer of less memory makes the planner take.
 */
import { copyFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PlanFigures } from '../../common/api/contract.ts';
import type { JsonObject } from '../../main/engine/models/config-reader.ts';
import { resourcesFolder } from '../../main/paths.ts';
import { configOf, shapeOf } from '../../main/plan/shapes.ts';
import { EXAMPLE_ROWS } from '../../main/plan/situation-for.ts';
import type { WebApp } from '../../main/serve/start.ts';
import { int8Version, keepSpeedTest, speedTestOf } from '../../main/speed-tests.ts';
import { writeHollowModel } from '../bench/hollow-model.ts';
import { fettle } from '../helpers/fettle.ts';
import { openMeasuredApp } from '../helpers/measured-app.ts';
import { temporaryFolder, writeRows } from '../helpers/tiny-model.ts';
import type { WebClient } from '../helpers/web-client.ts';

const world = vi.hoisted(() => ({ freeBytes: 64e9 }));
// the memory that is free must not move between two questions, nor decide what the usual settings are
vi.mock('../../main/hardware/facts.ts', async (original) => ({
  ...(await original<typeof import('../../main/hardware/facts.ts')>()),
  freeMemory: Object.assign(() => world.freeBytes, { settled: async () => world.freeBytes }),
}));

const REPO = 'HuggingFaceTB/SmolLM2-135M-Instruct';
const LARGE = 'meta-llama/Llama-3.1-8B';
// each model of the catalog is priced three times over, and these are asked for
vi.mock('../../main/hub/catalog.ts', async (original) => {
  const own = await original<typeof import('../../main/hub/catalog.ts')>();
  const readCatalog = async (resources: string) =>
    (await own.readCatalog(resources)).filter(({ repo, bundled }) => bundled || [REPO, LARGE].includes(repo));
  return { ...own, readCatalog };
});
/** Tokens of the marks around two turns, and those of the answer's end, with a tokenizer that makes a token of each byte. */
const MARKS = { all: 21, answer: 2 };

const files = temporaryFolder();
let app: WebApp;
let client: WebClient;
let model: string;
let data: string;
let id: string;

beforeAll(async () => {
  model = writeHollowModel(path.join(files.folder, 'model'), configOf(shapeOf(REPO)!) as JsonObject);
  for (const name of ['tokenizer.json', 'tokenizer_config.json'])
    copyFileSync(path.join(resourcesFolder(), 'tiny-model', name), path.join(model, name));
  data = writeRows(path.join(files.folder, 'rows.jsonl'), exampleRows());
  keepSpeedTest('int8', speedTestOf({ version: int8Version(), gain: 1.7, problem: null }));
  ({ app, client } = await openMeasuredApp({ processor: 'Two cores', flops: 2e11 }));
  await client.api.files.open({ what: 'data', paths: [files.folder] });
  id = (await client.api.models.add({ path: model })).id;
});
afterAll(async () => {
  await app.close();
  files.remove();
});

/** Rows of 300 tokens, 100 of them of the answer; each is another one. */
function exampleRows(): unknown[] {
  const { count, tokens, labelled } = EXAMPLE_ROWS;
  const answer = labelled - MARKS.answer;
  const question = tokens - answer - MARKS.all;
  return Array.from({ length: count }, (_, i) => ({
    messages: [
      { role: 'user', content: String(i).padEnd(question, '?') },
      { role: 'assistant', content: 'm'.repeat(answer) },
    ],
  }));
}

describe.each(['lora', 'qlora', 'full'] as const)('1,000 examples with %s', (method) => {
  let figures: PlanFigures;
  let precision: string | null = null;
  beforeAll(async () => {
    // as a search and a terminal choose where a test has found such products right and quick
    precision = method !== 'qlora' ? 'int8' : null;
    const settings = {
      ...{ method, epochs: 1, ...(method !== 'full' && { 'lora.rank': 16 }) },
      ...(precision !== null && { precision }),
    };
    figures = await client.api.plan.figures({
      ...{ name: 'Example', modelId: id, data: { paths: [data] }, prompts: [], settings },
    });
  });

  it('are the rows that the example run speaks of', () => {
    const { count, tokens, labelled } = EXAMPLE_ROWS;
    expect([figures.rows, figures.heldOutRows]).toEqual([0.9 * count, 0.1 * count]);
    expect([figures.tokens, figures.labelledTokens]).toEqual([0.9 * count * tokens, 0.9 * count * labelled]);
    expect(figures.estimate.totalSeconds?.value).toBeGreaterThan(0);
  });

  it('take in the grid what the plan step says', async () => {
    const { cells } = await client.api.computer.grid();
    const cell = cells.find((one) => one.size === '135M' && one.method === method)!;
    expect(cell.peakBytes).toEqual(figures.estimate.neededBytes);
    expect(cell.seconds).toEqual(figures.estimate.totalSeconds);
    expect(cell.parameters).toBe(figures.parameters);
  });

  it('need the same memory in the model step, before the model is here and after', async () => {
    const { catalog, local } = await client.api.models.needs();
    expect(catalog[REPO]![method].peakBytes).toEqual(figures.estimate.neededBytes);
    expect(local[id]![method].peakBytes).toEqual(figures.estimate.neededBytes);
  });

  it('take the same in `fettle plan`', async () => {
    const rank = method !== 'full' ? ['--rank', '16'] : [];
    const { code, out, err } = await fettle([
      ...['plan', '--model', model, '--data', data, '--method', method, ...rank],
      // the example stands for any model, of whose rate nothing is said
      ...['--epochs', '1', '--no-look', '--json'],
    ]);
    expect(code, err).toBe(0);
    const plan = JSON.parse(out);
    expect(plan.neededBytes).toEqual(figures.estimate.neededBytes);
    expect(plan.totalSeconds).toEqual(figures.estimate.totalSeconds);
  });
});

describe.each([8e9, 16e9, 24e9])('8 billion weights in %d free bytes', (freeBytes) => {
  let largeId: string;
  beforeAll(async () => {
    world.freeBytes = freeBytes;
    const folder = path.join(files.folder, `large ${freeBytes}`);
    writeHollowModel(folder, configOf(shapeOf(LARGE)!) as JsonObject);
    for (const name of ['tokenizer.json', 'tokenizer_config.json'])
      copyFileSync(path.join(resourcesFolder(), 'tiny-model', name), path.join(folder, name));
    largeId = (await client.api.models.add({ path: folder })).id;
  });

  it('are the same in the grid, in the model step before and after they are here, and in the proposal', async () => {
    const { cells } = await client.api.computer.grid();
    const { catalog, local, freeBytes: free } = await client.api.models.needs();
    expect(free).toBe(freeBytes);
    const { methods } = await client.api.plan.propose({
      ...{
        modelId: largeId,
        data: { paths: [data] },
        settings: { epochs: 1, look: false },
        wish: { kind: 'best' },
      },
    });
    for (const { method, planned } of methods) {
      const cell = cells.find((one) => one.size === '7–8B' && one.method === method)!;
      const { fit, price, whys } = planned;
      // the grid also says where a pass takes more than a day
      const fits = cell.fits === 'slow' ? 'comfortable' : cell.fits;
      expect([fits, cell.peakBytes, cell.seconds], method).toEqual([
        ...[fit, price.peakBytes, price.totalSeconds],
      ]);
      expect(Object.values(whys)).toEqual(expect.arrayContaining([...cell.lighter]));
      const { size: _, parameters: __, model: ___, method: ____, ...figures } = cell;
      expect(catalog[LARGE]![method], method).toEqual({ ...figures, fits });
      expect(local[largeId]![method], method).toEqual({ ...figures, fits });
    }
    // the memory is one in which the usual settings of QLoRA do not fit comfortably, or LoRA does not
    expect(methods.some(({ planned }) => planned.fit !== 'comfortable')).toBe(true);
  });
});
