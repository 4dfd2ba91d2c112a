import { execFile } from 'node:child_process';
import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { CasePrice, PriceCase } from '../../../common/protocol/protocol.ts';
import { pricesOf } from '../../../main/engine/session/planner/planner.ts';
import { configOf, shapeOf } from '../../../main/plan/shapes.ts';
import { exampleCase } from '../../../main/plan/situation-for.ts';
import { type Compute, KeptPrices, markOf } from '../../../main/runs/kept-prices.ts';

const SMALL = exampleCase({ config: configOf(shapeOf('HuggingFaceTB/SmolLM2-135M')!) }, { method: 'qlora' });
const [PRICE] = (await pricesOf([SMALL], new AbortController().signal)) as [CasePrice];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'fettle-kept-prices-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const open = (options: { code?: string; mostBytes?: number } = {}) =>
  new KeptPrices({ folder, code: 'one', ...options });
/** The same run with other rows. */
const caseOf = (count: number): PriceCase => ({ ...SMALL, rows: { ...SMALL.rows, count } });
/** An engine that gives the same price for each, but for its number of steps. */
const engine = () =>
  vi.fn<Compute>(async (cases) => cases.map(({ rows }) => ({ ...PRICE, steps: rows.count })));
const steps = (prices: readonly (CasePrice | null)[]) => prices.map((price) => price?.steps);
const fileName = () => path.join(folder, readdirSync(folder)[0]!);

/** Keeps the prices of cases with so many rows, as an earlier start does. */
async function keep(counts: readonly number[], kept = open()): Promise<void> {
  await kept.of(counts.map(caseOf), engine());
  await kept.written();
}

describe('prices on the disk', () => {
  it('serve the next start, as they were and in the order that is asked for', async () => {
    const first = open();
    const compute = vi.fn<Compute>(async () => [PRICE]);
    await first.of([SMALL], compute);
    await first.written();
    const again = vi.fn<Compute>();
    const { preparation, ...others } = (await open().of([SMALL], again))[0]!;
    expect(again).not.toHaveBeenCalled();
    expect(others).toEqual({ ...PRICE, preparation: undefined });
    // what is free on the disk is of the moment
    expect(PRICE.preparation?.freeBytes).toBeGreaterThan(0);
    expect(preparation).toEqual({ ...PRICE.preparation, freeBytes: null });
  });

  it('are computed for those cases alone that are not kept', async () => {
    await keep([1, 3]);
    const compute = engine();
    expect(steps(await open().of([1, 2, 3, 4].map(caseOf), compute))).toEqual([1, 2, 3, 4]);
    expect(compute.mock.calls).toEqual([[[caseOf(2), caseOf(4)]]]);
  });

  it('of one process serve another that is open already', async () => {
    const [one, other] = [open(), open()];
    await keep([1], one);
    await keep([2], other);
    const compute = engine();
    for (const kept of [one, other])
      expect(steps(await kept.of([1, 2].map(caseOf), compute))).toEqual([1, 2]);
    expect(compute).not.toHaveBeenCalled();
  });

  it('are those of one state of the code, of which three have a file', async () => {
    for (const [i, code] of ['one', 'two', 'three', 'four'].entries()) {
      const compute = engine();
      const kept = open({ code });
      await kept.of([caseOf(1)], compute);
      await kept.written();
      expect(compute).toHaveBeenCalledOnce();
      for (const name of readdirSync(folder)) {
        const file = path.join(folder, name);
        if (statSync(file).mtimeMs > Date.now() - 10_000) utimesSync(file, i + 1, i + 1);
      }
    }
    expect(readdirSync(folder)).toHaveLength(3);
    const compute = engine();
    await open({ code: 'four' }).of([caseOf(1)], compute);
    expect(compute).not.toHaveBeenCalled();
    await open({ code: 'one' }).of([caseOf(1)], compute);
    expect(compute).toHaveBeenCalledOnce();
  });

  it('stay within their bound, and those that were asked for last are left', async () => {
    await keep([1]);
    const each = statSync(fileName()).size;
    const mostBytes = 10 * each;
    const kept = open({ mostBytes });
    for (let count = 2; count <= 30; count++) {
      await keep([1, count], kept);
      expect(statSync(fileName()).size).toBeLessThanOrEqual(mostBytes);
    }
    const compute = engine();
    expect(steps(await open({ mostBytes }).of([1, 29, 30, 2].map(caseOf), compute))).toEqual([1, 29, 30, 2]);
    expect(compute.mock.calls).toEqual([[[caseOf(2)]]]);
  });

  it('of a model that is here hang on its files', async () => {
    const model = path.join(folder, 'model.gguf');
    writeFileSync(model, 'GGUF');
    const asked: PriceCase = { ...SMALL, model: { path: model } };
    const first = open();
    await first.of([asked], engine());
    await first.written();
    const compute = engine();
    const kept = open();
    await kept.of([asked], compute);
    expect(compute).not.toHaveBeenCalled();
    writeFileSync(model, 'GGUF and more');
    await kept.of([asked], compute);
    expect(compute).toHaveBeenCalledOnce();
  });

  it('are not kept where there was none, nor where the engine failed', async () => {
    const kept = open();
    expect(await kept.of([SMALL], async () => [null])).toEqual([null]);
    await expect(kept.of([SMALL], () => Promise.reject(new Error('it died')))).rejects.toThrow('it died');
    const compute = engine();
    await kept.of([SMALL], compute);
    expect(compute).toHaveBeenCalledOnce();
  });
});

/** What may have become of the file with the price of one row, and whether that price is still good. */
const DAMAGE: readonly (readonly [string, (file: string, line: string) => void, boolean])[] = [
  [
    'half a line, as a killed process leaves it',
    (file, line) => writeFileSync(file, line.slice(0, 900)),
    false,
  ],
  ['half a line behind whole ones', (file, line) => appendFileSync(file, line.slice(0, 900)), true],
  ['nothing', (file) => writeFileSync(file, ''), false],
  ['other bytes', (file) => writeFileSync(file, Buffer.from('0000ff\nfe{}\n\n', 'hex')), false],
  [
    'another figure',
    (file, line) => writeFileSync(file, line.replace(/"steps":\d+/, '"steps":"many"')),
    false,
  ],
  [
    'a figure too large',
    (file, line) => writeFileSync(file, line.replace(/"steps":\d+/, '"steps":1e999')),
    false,
  ],
  ['a field less', (file, line) => writeFileSync(file, line.replace(/"steps":\d+,/, '')), false],
  ['a field more', (file, line) => writeFileSync(file, line.replace('"steps"', '"more":1,"steps"')), false],
  ['a list for a price', (file, line) => writeFileSync(file, `${line.slice(0, 36)}[1]]\n`), false],
  ['too many bytes', (file, line) => writeFileSync(file, `${line}${'x'.repeat(40_000)}`), false],
  [
    'a folder',
    (file) => {
      rmSync(file);
      mkdirSync(file);
    },
    false,
  ],
];

describe('a damaged file', () => {
  it.each(DAMAGE)('that is %s stops nobody', async (_, damage, isGood) => {
    await keep([1]);
    const file = fileName();
    damage(file, readFileSync(file, 'utf8').trimStart());
    const compute = engine();
    const kept = open({ mostBytes: 40_000 });
    expect(steps(await kept.of([1, 2].map(caseOf), compute))).toEqual([1, 2]);
    expect(compute.mock.calls).toEqual([[isGood ? [caseOf(2)] : [1, 2].map(caseOf)]]);
    await kept.written();
    // and is sound again, where there can be one
    const again = engine();
    await open({ mostBytes: 40_000 }).of([1, 2].map(caseOf), again);
    expect(again).toHaveBeenCalledTimes(statSync(file).isFile() ? 0 : 1);
  });

  it('is not missed where none can be written', async () => {
    rmSync(folder, { recursive: true });
    writeFileSync(folder, 'a file where the folder belongs');
    const kept = open();
    expect(steps(await kept.of([caseOf(1)], engine()))).toEqual([1]);
    await kept.written();
    const compute = engine();
    expect(steps(await kept.of([caseOf(1)], compute))).toEqual([1]);
    expect(compute).not.toHaveBeenCalled();
  });
});

describe('the mark of the code', () => {
  it('changes with the sources, and with the parts that a built engine names', () => {
    const source = path.join(folder, 'main', 'engine', 'entry.ts');
    const settings = path.join(folder, 'common', 'settings.ts');
    for (const file of [source, settings]) {
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, 'one');
    }
    const first = markOf(source);
    expect(markOf(source)).toBe(first);
    writeFileSync(settings, 'another');
    expect(markOf(source)).not.toBe(first);
    const built = path.join(folder, 'engine.js');
    const marks = ['a', 'b'].map((hash) => {
      writeFileSync(built, `import './chunks/planner-${hash}.js';`);
      return markOf(built);
    });
    expect(new Set(marks).size).toBe(2);
  });
});

describe('a new process', () => {
  it('starts no engine for prices that an earlier one has kept', async () => {
    const at = (name: string) => path.resolve(import.meta.dirname, '../../../main/runs', name);
    const program = `
      import { openEngineCalls } from ${JSON.stringify(at('engine-calls.ts'))};
      import { forkChild } from ${JSON.stringify(at('fork.ts'))};
      import { KeptPrices } from ${JSON.stringify(at('kept-prices.ts'))};
      const keptPrices = new KeptPrices({ folder: ${JSON.stringify(folder)} });
      let started = 0;
      const engine = openEngineCalls(() => { started++; return forkChild(); }, { keptPrices });
      const prices = await engine.prices([${JSON.stringify(SMALL)}]);
      await keptPrices.written();
      engine.close();
      console.log(JSON.stringify({ started, parameters: prices[0].parameters, work: prices[0].work }));
    `;
    const file = path.join(folder, 'program.mjs');
    writeFileSync(file, program);
    const run = async () => {
      const { stdout } = await promisify(execFile)(process.execPath, [file]);
      return JSON.parse(stdout) as { started: number };
    };
    const first = await run();
    expect(first).toMatchObject({ started: 1, parameters: PRICE.parameters, work: PRICE.work });
    expect(await run()).toEqual({ ...first, started: 0 });
  });
});
