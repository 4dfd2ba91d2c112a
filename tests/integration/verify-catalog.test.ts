/** The script that compares the catalog with the Hub, against a Hub of which it is known what differs. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { expect, it } from 'vitest';
import { configOf, shapeOf } from '../../main/plan/shapes.ts';
import { tinyModel } from '../helpers/hub.ts';
import { type ServedModel, startHubServer } from '../helpers/hub-server.ts';

const SCRIPT = path.join(import.meta.dirname, '..', '..', 'scripts', 'verify-catalog.ts');

const tiny = tinyModel({ repo: 'HuggingFaceTB/SmolLM2-135M' });
const published = (repo: string) => Buffer.from(JSON.stringify(configOf(shapeOf(repo)!)));

const MINILM = {
  ...{ model_type: 'bert', hidden_size: 384, intermediate_size: 1536, num_hidden_layers: 6 },
  num_attention_heads: 12,
};

/** A model within a configuration of one that also reads images. */
function wrapped(repo: string, more: Partial<ServedModel>): ServedModel {
  const text_config = configOf(shapeOf(repo)!);
  const config = { model_type: 'gemma3', text_config, vision_config: { hidden_size: 8 } };
  const files = { ...tiny.files, 'config.json': Buffer.from(JSON.stringify(config)) };
  return tinyModel({ repo, files, ...more });
}

it('names what differs, model by model', async () => {
  const server = await startHubServer([
    { ...tiny, files: { ...tiny.files, 'config.json': published('HuggingFaceTB/SmolLM2-135M') } },
    tinyModel({ repo: 'HuggingFaceTB/SmolLM2-360M' }),
    wrapped('google/gemma-3-4b-it', { licence: 'gemma', info: { gated: 'manual' } }),
    tinyModel({ repo: 'Qwen/Qwen2.5-0.5B', licence: 'mit', info: { gated: 'auto' } }),
    {
      ...tinyModel({ repo: 'sentence-transformers/all-MiniLM-L6-v2' }),
      files: { ...tiny.files, 'config.json': Buffer.from(JSON.stringify(MINILM)) },
    },
    tinyModel({ repo: 'thenlper/gte-small' }),
    tinyModel({ repo: 'meta-llama/Llama-3.2-1B', licence: 'llama3.2', gatedBy: 'hf_x' }),
  ]);
  const { code, out } = await run(server.url);
  await server.close();
  const line = (repo: string) => out.split('\n').find((each) => each.startsWith(`${repo}: `));
  expect(code).toBe(1);
  expect(line('HuggingFaceTB/SmolLM2-135M')).toMatch(/^[^:]+: size: the catalog says 269030016 bytes[^;]*$/);
  expect(line('HuggingFaceTB/SmolLM2-360M')).toMatch(
    /: parameters: the catalog says 361821120, the Hub \d+; size: the catalog says 723642240 bytes/,
  );
  expect(line('google/gemma-3-4b-it')).toMatch(/^[^:]+: size: the catalog says 8600158944 bytes[^;]*$/);
  const qwen = line('Qwen/Qwen2.5-0.5B');
  expect(qwen).toContain('consent: the catalog says false, the Hub true');
  expect(qwen).toContain('architecture: the catalog says qwen2, the Hub llama');
  expect(qwen).toContain('licence: the catalog says Apache-2.0, the Hub mit');
  expect(line('meta-llama/Llama-3.2-1B')).toMatch(/: files: not checked, set HF_TOKEN/);
  expect(line('sentence-transformers/all-MiniLM-L6-v2')).toMatch(
    /^[^:]+: size: the catalog says 90868376 bytes[^;]*$/,
  );
  expect(line('thenlper/gte-small')).toContain('models of the type "llama" are not among bert');
  expect(line('openai-community/gpt2')).toContain('has no model “openai-community/gpt2”');
  expect(out).not.toContain('practice-model');
});

function run(url: string): Promise<{ code: unknown; out: string }> {
  const { HF_TOKEN: _, ...env } = process.env;
  return new Promise((resolve) => {
    execFile(process.execPath, [SCRIPT, url], { env }, (error, out) =>
      resolve({ code: error?.code ?? 0, out }),
    );
  });
}
