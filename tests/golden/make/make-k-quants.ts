/**
 * Makes tests/golden/data/gguf/q4_k_m.gguf: a tiny Llama that has learned what animals say, written as GGUF and quantised by
 * llama.cpp's own quantiser, which the packages of node-llama-cpp bring (Linux x64).
 *
 *     node tests/golden/make/make-k-quants.ts
 */
import { copyFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import koffi from 'koffi';
import { parseExportConfig, parseRunConfig } from '../../../main/engine/config/config.ts';
import { writeSafetensors } from '../../../main/engine/io/safetensors-write.ts';
import { sizeOf } from '../../../main/engine/ir/shape.ts';
import { outline, readModel } from '../../../main/engine/models/registry.ts';
import { exportRun, train } from '../../../main/engine/session/session.ts';
import { resourcesFolder } from '../../../main/paths.ts';
import { noise } from '../../helpers/graphs.ts';
import { temporaryFolder, tinyRows, writeJson, writeRows } from '../../helpers/tiny-model.ts';

const OUT = path.resolve(import.meta.dirname, '..', 'data', 'gguf', 'q4_k_m.gguf');
/** Rows of 256 are K-quants; those of 64, in o_proj and down_proj, are what llama.cpp falls back to. */
const CONFIG = {
  ...{ model_type: 'llama', architectures: ['LlamaForCausalLM'], vocab_size: 256, hidden_size: 256 },
  ...{ intermediate_size: 64, num_hidden_layers: 2, num_attention_heads: 4, num_key_value_heads: 2 },
  ...{ head_dim: 16, max_position_embeddings: 256, tie_word_embeddings: true, hidden_act: 'silu' },
  rope_parameters: { rope_theta: 10000, rope_type: 'default' },
};
/** LLAMA_FTYPE_MOSTLY_Q4_K_M. */
const Q4_K_M = 15;

const { folder, remove } = temporaryFolder();
const at = (name: string) => path.join(folder, name);
const io = { emit: () => {}, stop: new AbortController().signal };

writeJson(at('config.json'), CONFIG);
for (const name of ['tokenizer.json', 'tokenizer_config.json'])
  copyFileSync(path.join(resourcesFolder(), 'tiny-model', name), at(name));
const tensors = [...outline(readModel(CONFIG)).parameters].map(([name, { shape, kind }], i) => {
  const data = kind === 'norm' ? new Float32Array(sizeOf(shape)).fill(1) : noise(sizeOf(shape), i, 0.05);
  return { name, dtype: 'f32' as const, shape, data };
});
await writeSafetensors(at('model.safetensors'), tensors, { format: 'pt' });

const run = parseRunConfig({
  ...{ model: folder, data: writeRows(at('rows.jsonl'), tinyRows(400)), out: at('run'), method: 'full' },
  ...{ threads: 2, seed: 1, learningRate: 2e-3, epochs: 12, maxLength: 64, tokensPerMicroBatch: 512 },
  ...{ heldOut: 20, assess: false },
});
await train(run, {
  ...io,
  resume: false,
  emit: (event) => event.event === 'eval' && console.log(`step ${event.step}: loss ${event.loss}`),
});
const exported = { as: 'gguf', type: 'f16', out: at('f16.gguf'), threads: 1 } as const;
await exportRun(parseExportConfig({ ...exported, model: path.join(at('run'), 'model') }), io);

const { resolve } = createRequire(createRequire(import.meta.url).resolve('node-llama-cpp'));
const bins = path.join(path.dirname(resolve('@node-llama-cpp/linux-x64')), '..', 'bins', 'linux-x64');
const library = (beginning: string) =>
  koffi.load(path.join(bins, readdirSync(bins).find((name) => name.startsWith(beginning))!));
koffi.struct('llama_model_quantize_params', {
  ...{ nthread: 'int32_t', ftype: 'int', output_tensor_type: 'int', token_embedding_type: 'int' },
  ...{ allow_requantize: 'bool', quantize_output_tensor: 'bool', only_copy: 'bool', pure: 'bool' },
  ...{
    keep_split: 'bool',
    dry_run: 'bool',
    imatrix: 'void *',
    kv_overrides: 'void *',
    tt_overrides: 'void *',
  },
  ...{ prune_layers: 'void *', max_buf_size: 'size_t' },
});
const llama = library('libllama.');
const usual = llama.func('llama_model_quantize_params llama_model_quantize_default_params()');
const quantise = llama.func(
  'uint32_t llama_model_quantize(const char *from, const char *to, llama_model_quantize_params *params)',
);
library('libggml.').func('void ggml_backend_load_all_from_path(const char *folder)')(bins);
const status = quantise(at('f16.gguf'), OUT, { ...usual(), nthread: 1, ftype: Q4_K_M });
if (status !== 0) throw new Error(`llama.cpp's quantiser ended with ${status}`);
remove();
