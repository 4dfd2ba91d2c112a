/**
 * Exports a tiny model of every family for check_exports.py, and writes beside each what Fettle's engine computes with it:
 * logits at every position of a fixed text, and tokens of awkward texts. Run it with the folder to write. With --adapter and --base it takes
 * an adapter that a run has trained, and its base model as a folder of Transformers, in place of tiny models; --executor computes.
 */
import fs from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { AWKWARD_TEXTS } from '../../../main/engine/data/tokens/tokenizer/gguf-write.ts';
import { Generator } from '../../../main/engine/eval/generator.ts';
import { type ExecutorName, openExecutor } from '../../../main/engine/exec/registry.ts';
import { writeSafetensors } from '../../../main/engine/io/safetensors-write.ts';
import { adapterParts, loadAdapter, NO_ADAPTER } from '../../../main/engine/load/adapter.ts';
import { openModel, tokenizerOf, tokenizerPartsOf } from '../../../main/engine/load/open-model.ts';
import { withFirstRows, withNewRows } from '../../../main/engine/load/ready-model.ts';
import { prepareWeights } from '../../../main/engine/load/weights.ts';
import { exportTiny, writeTinyAdapted } from '../../helpers/export.ts';

const FAMILIES = ['llama', 'smollm2', 'mistral', 'qwen2', 'qwen3', 'gpt2', 'granite4', 'exaone4'] as const;
const TEXTS = ['<|ticket|>', '<|end_ticket|>', 'parcel'];
const TEXT =
  '<|im_start|>user\nWhere is my parcel?<|ticket|><|im_end|>\n<|im_start|>assistant\nOn its way.<|end_ticket|>';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    adapter: { type: 'string' },
    base: { type: 'string' },
    executor: { type: 'string', default: 'ort' },
  },
});
const [out] = positionals;
if (!out)
  throw new Error(
    'usage: node tests/bench/peers/write-exports.ts FOLDER [--adapter FOLDER --base FOLDER] [--executor NAME]',
  );
fs.mkdirSync(out, { recursive: true });
process.env.FETTLE_HOME = path.join(out, 'home');

/** One export to check: a folder, and the base model where it is an adapter. */
interface Case {
  readonly name: string;
  readonly family: string;
  readonly folder: string;
  readonly base: string | null;
  /** Rows that the base model's tables need for the new tokens of the adapter. */
  readonly rows: number | null;
  readonly proved: string;
}

async function writeExpected({ name, folder, base }: Case): Promise<void> {
  const plain = await openModel(base ?? folder);
  const { newTokens: texts } = await adapterParts(base === null ? undefined : folder);
  const opened = withNewRows(plain, await tokenizerPartsOf(plain), texts);
  const executor = await openExecutor(values.executor as ExecutorName, { threads: 1 });
  const weights = await withFirstRows(await prepareWeights(plain, path.join(out!, 'home')), opened);
  const { method, trained } =
    base === null ? NO_ADAPTER : await loadAdapter(folder, { opened, executor, weights });
  const tokenizer = await tokenizerOf(opened);
  const ids = tokenizer.encode(TEXT);
  const generator = new Generator({
    executor,
    model: opened.model,
    weights: weights.source,
    method,
    trained,
  });
  const logits = new Float32Array(ids.length * opened.model.vocabSize);
  for (const [t, id] of ids.entries()) logits.set(await generator.advance([id]), t * opened.model.vocabSize);
  await generator.release();
  await opened.store.close();
  await writeSafetensors(path.join(out!, `${name}.safetensors`), [
    { name: 'ids', dtype: 'i32', shape: [ids.length], data: Int32Array.from(ids) },
    { name: 'logits', dtype: 'f32', shape: [ids.length, opened.model.vocabSize], data: logits },
  ]);
  const tokens = [...AWKWARD_TEXTS, TEXT].map((text) => ({ text, ids: tokenizer.encode(text) }));
  const messages = [{ role: 'user', content: 'Hello' } as const];
  const chat = tokenizer.chat?.render(messages, { addGenerationPrompt: true }) ?? null;
  fs.writeFileSync(path.join(out!, `${name}.json`), JSON.stringify({ tokens, chat }));
}

const cases: Case[] = [];
if (values.adapter && values.base) {
  const about = { name: 'trained', family: 'as trained', rows: null, proved: values.executor };
  cases.push({ ...about, folder: path.resolve(values.adapter), base: path.resolve(values.base) });
}
const sets = (values.adapter ? [] : FAMILIES).flatMap((family) => [
  { family, label: family, texts: [] },
  { family, label: `${family}-tokens`, texts: TEXTS },
]);
for (const { family, label, texts } of sets) {
  const { model, adapter } = await writeTinyAdapted(path.join(out, 'models', label), family, texts);
  const source = { model, run: adapter };
  const add = async (name: string, config: { as: 'peft' | 'safetensors'; type: 'f32' | 'f16' | 'bf16' }) => {
    const folder = path.join(out, name);
    const { proved } = await exportTiny({ ...source, ...config, out: folder });
    const isAdapter = config.as === 'peft';
    // the tiny models have a row for each of their 256 tokens
    const rows = isAdapter && texts.length > 0 ? 256 + texts.length : null;
    cases.push({ name, family, folder, base: isAdapter ? model : null, rows, proved });
  };
  await add(`${label}-peft`, { as: 'peft', type: 'f32' });
  await add(`${label}-f32`, { as: 'safetensors', type: 'f32' });
  await add(`${label}-bf16`, { as: 'safetensors', type: 'bf16' });
}
for (const one of cases) await writeExpected(one);
fs.writeFileSync(path.join(out, 'cases.json'), `${JSON.stringify(cases, null, 2)}\n`);
process.stdout.write(`${cases.length} exports in ${out}\n`);
