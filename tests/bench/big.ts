/**
 * `npm run bench:big`: what the planner proposes for models of 7 and 8 billion weights on computers with 8 to 24 GB free, as the table of
 * docs/memory.md; `-- --cards` the same for graphics cards. Nothing is computed but prices, so it takes seconds. `-- --train FOLDER` trains models of the shape of Llama 3.2 1B
 * and Qwen2.5 3B for three steps each (written to FOLDER where they are not there) and compares the peak with the plan's.
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { PlanPrice, PlanSettings } from '../../common/api/contract.ts';
import type { DoneEvent } from '../../common/protocol/protocol.ts';
import { trainHere } from '../../main/app/train-here.ts';
import { parseRunConfig, type RunConfig } from '../../main/engine/config/config.ts';
import { outline } from '../../main/engine/models/model.ts';
import { readModel } from '../../main/engine/models/registry.ts';
import { livePlanner, pricesOf } from '../../main/engine/session/planner/planner.ts';
import { estimate, type Grounds } from '../../main/plan/estimate.ts';
import { type PricedDraft, searchMethod } from '../../main/plan/search.ts';
import type { Situation } from '../../main/plan/situation.ts';
import { EXAMPLE_ROWS, exampleCase } from '../../main/plan/situation-for.ts';
import { cardTable } from './big-cards.ts';
import { writeBigModel } from './big-models.ts';
import { CONFIGS, type ConfigName } from './hollow-model.ts';

const GIGABYTE = 1e9;
const NEVER = new AbortController().signal;
const FREE_GIGABYTES = [8, 12, 16, 24];
const LARGE: readonly ConfigName[] = ['mistral-7b', 'qwen-7b', 'llama-8b'];
/** Tried in this order: the longest rows that fit are said. */
const LENGTHS = [1024, 512, 256];
/** Tokens of a row, all of them learned, of the models that are trained. */
const TRAINED_LENGTH = 256;
/** No run of this computer has a say, and no benchmark: the figures are the formula's. */
const GROUNDS: Grounds = {
  ...{ rates: null, platform: 'linux', probe: null, watts: null, pricePerKwh: 0 },
  residuals: { memory: [], step: [] },
};

async function proposalTable(): Promise<void> {
  console.log('| | weights | GB free | fits | length | tokens at once | rank | codes | recompute | peak |');
  console.log('|---|---|---|---|---|---|---|---|---|---|');
  for (const name of LARGE) {
    const { parameterCount } = outline(readModel(CONFIGS[name]));
    for (const gigabytes of FREE_GIGABYTES) {
      const { draft, price, fit } = await proposed(name, parameterCount, gigabytes * GIGABYTE);
      const { maxLength, tokensPerMicroBatch, rank, quant, recompute } = draft.settings;
      const cells = [name, `${(parameterCount / 1e9).toFixed(2)} G`, gigabytes, fit, maxLength];
      const peak = `${(price.peakBytes.value / GIGABYTE).toFixed(1)} GB`;
      console.log(`| ${[...cells, tokensPerMicroBatch, rank, quant, recompute, peak].join(' | ')} |`);
    }
  }
}

/** QLoRA in 4 bits at the longest of `LENGTHS` that is comfortable, else that fits. */
async function proposed(name: ConfigName, parameters: number, freeBytes: number): Promise<PricedDraft> {
  const found: PricedDraft[] = [];
  for (const maxLength of LENGTHS) {
    const situation: Situation = {
      ...{ model: { parameters, contextLength: null, isWhole: true }, profile: null },
      ...{
        rows: EXAMPLE_ROWS.count,
        hasHeldOutFile: false,
        goal: null,
        wish: null as never,
        totalBytes: freeBytes,
        catalog: [],
      },
      ...{ executors: [{ name: 'ort', freeBytes }], own: { maxLength, epochs: 1 } },
    };
    found.push(await searchMethod('qlora', situation, (settings) => priceOf(name, settings)));
    if (found.at(-1)!.fit === 'comfortable') break;
  }
  return (
    found.find(({ fit }) => fit === 'comfortable') ??
    found.find(({ fit }) => fit === 'tight') ??
    found.at(-1)!
  );
}

async function priceOf(name: ConfigName, settings: PlanSettings): Promise<PlanPrice> {
  const example = { ...settings, rank: settings.rank! };
  const [price] = await pricesOf([exampleCase({ config: CONFIGS[name] }, example)], NEVER);
  if (!price) throw new Error(`${name} has no price`);
  return { peakBytes: estimate(price, GROUNDS).neededBytes, totalSeconds: null };
}

/** Three steps with QLoRA in 4 bits, beside the plan. */
async function trainTable(folder: string, names: readonly ConfigName[], recompute: string): Promise<void> {
  console.log('| shape of | weights | peak resident memory | as predicted | ratio | a step |');
  console.log('|---|---|---|---|---|---|');
  for (const name of names) {
    const { config, parameters } = await configFor(name, path.join(folder, name), recompute);
    const predicted = estimate(await livePlanner.plan(config, { emit() {}, stop: NEVER }), GROUNDS)
      .peakRamBytes.value;
    const done = (await trainHere({ config, resume: false, stop: NEVER, emit() {} })) as DoneEvent;
    const { peakRssBytes: peak, stepSeconds } = done;
    const cells = [
      ...[name, `${(parameters / 1e9).toFixed(2)} G`, megabytes(peak), megabytes(predicted)],
      ...[(peak / predicted).toFixed(2), `${stepSeconds?.toFixed(1)} s`],
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
}

async function configFor(name: ConfigName, folder: string, recompute: string) {
  const made = { model: path.join(folder, 'model.gguf'), data: path.join(folder, 'rows.jsonl') };
  const isThere = fs.existsSync(made.model) && fs.existsSync(made.data);
  const { model, data } = isThere ? made : await writeBigModel(folder, name, TRAINED_LENGTH);
  const out = fs.mkdtempSync(path.join(folder, 'run-'));
  const config: RunConfig = parseRunConfig({
    ...{ model, data, out, method: 'qlora', recompute, maxSteps: 3, heldOut: 2, assess: false },
    ...{ maxLength: TRAINED_LENGTH, tokensPerMicroBatch: TRAINED_LENGTH, keepBest: false },
  });
  return { config, parameters: outline(readModel(CONFIGS[name])).parameterCount };
}

const megabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;

const { values } = parseArgs({
  options: {
    train: { type: 'string' },
    cards: { type: 'boolean', default: false },
    only: { type: 'string', default: 'llama-1b,qwen-3b' },
    recompute: { type: 'string', default: 'block' },
  },
});
if (values.cards) await cardTable();
else if (values.train === undefined) await proposalTable();
else await trainTable(values.train, values.only.split(',') as ConfigName[], values.recompute);
