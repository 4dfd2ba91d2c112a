/** New tokens as a person has them: trained, killed and gone on with, measured, asked about, assessed, exported; with adapters and without. */

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { AssessResult, EvalResult, ExportResult, RunPlan } from '../../common/protocol/protocol.ts';
import { loadTokenizer } from '../../main/engine/data/tokens/tokenizer/load.ts';
import { readAdapter } from '../../main/engine/io/peft.ts';
import { openModel } from '../../main/engine/load/open-model.ts';
import { doneOf, type Ended, fettle, resultOf } from '../helpers/fettle.ts';
import { type TinyFamily, writeRows, writeTinyModel } from '../helpers/tiny-model.ts';
import {
  adapterOf,
  goingOn,
  numbersOf,
  openWorkspace,
  SMALL,
  trainArgs,
  type Workspace,
  writeGeneral,
} from './workspace.ts';

// a run needs a second or two; a busy computer may take many times as long
vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const TEXTS = ['<|ask|>', '<|say|>', '<|never|>'];
const FLAGS = TEXTS.map((text) => `--new-token=${text}`);
const SETTINGS = [...FLAGS, '--learning-rate', '1e-2', '--max-steps', '30'];

let workspace: Workspace;
let env: Record<string, string>;
const run = (args: readonly string[]) => fettle(args, { env });
const models = new Map<TinyFamily, Workspace>();

beforeAll(async () => {
  workspace = await openWorkspace();
  env = { FETTLE_HOME: workspace.at('home') };
  const rows = Array.from({ length: 60 }, (_, i) => ({
    messages: [
      { role: 'user', content: `<|ask|>${['cat', 'dog', 'cow'][i % 3]} ${i}` },
      { role: 'assistant', content: `<|say|>${['meow', 'woof', 'moo'][i % 3]}<|say|>` },
    ],
  }));
  const data = writeRows(workspace.at('tokens.jsonl'), rows);
  for (const family of ['llama', 'qwen2', 'gpt2'] as const) {
    const model = await writeTinyModel(workspace.at(family), family);
    writeGeneral(model);
    models.set(family, { ...workspace, data, model });
  }
});
afterAll(() => workspace.remove());

const CASES = [
  ['lora', 'llama', ['--sample-prompt', '<|ask|>cat 1', '--dora'], 2],
  ['qlora', 'qwen2', ['--method', 'qlora', '--recompute', 'block'], 1],
  ['full', 'gpt2', ['--method', 'full'], 0],
] as const;

describe.each(CASES)('a run with new tokens and the method %s of a %s', (method, family, more, tables) => {
  const here = () => models.get(family)!;
  const args = (out: string) => {
    const all = trainArgs(here(), out, ...SETTINGS, ...more);
    const rank = all.indexOf('--rank');
    return method === 'full' ? all.toSpliced(rank, 2) : all;
  };
  const at = (name: string) => workspace.at(`${method}-${name}`);
  let ended: Ended;
  beforeAll(async () => {
    ended = await run(args(at('run')));
  });

  it('learns, and says which token is in no row', () => {
    const { heldOutLoss, heldOutLossBefore } = doneOf(ended);
    expect(heldOutLoss!).toBeLessThan(0.9 * heldOutLossBefore!);
    const warning = ended.events.find(({ event }) => event === 'warning');
    expect(warning).toMatchObject({
      code: 'new-token-unseen',
      message: 'No row has the new token "<|never|>", so the model doesn\'t learn it.',
    });
  });

  it('has the rows in its result, and a tokenizer that knows the tokens', async () => {
    const folder = at(method === 'full' ? 'run/model' : 'run/adapter');
    const tokenizer = await loadTokenizer(folder);
    expect(tokenizer.encode('a<|say|>')).toEqual([...tokenizer.encode('a'), 257]);
    if (method === 'full') {
      const opened = await openModel(folder);
      expect(opened.model.vocabSize).toBe(259);
      return await opened.store.close();
    }
    const { newTokens } = await readAdapter(folder);
    expect(newTokens).toMatchObject({ texts: TEXTS, first: 256 });
    expect(newTokens!.rows.size).toBe(tables);
  });

  it('goes on to the same numbers when it is killed', async () => {
    const again = at('again');
    const calm = at('calm');
    await goingOn([...args(calm), '--save-every-steps', '1'], calm, 5, again, { env });
    const resumed = await run(['train', '--out', again, '--resume', '--json']);
    expect(doneOf(resumed).steps).toBe(30);
    expect(numbersOf(again)).toEqual(numbersOf(at('run')));
    if (method !== 'full') expect(adapterOf(again).equals(adapterOf(at('run')))).toBe(true);
  });

  it('is measured as in its training by `fettle eval`', async () => {
    const { model, data } = here();
    const trained =
      method === 'full' ? ['--model', at('run/model')] : ['--model', model, '--adapter', at('run')];
    const files = [...trained, '--data', data, '--split', 'held-out'];
    const found = resultOf<EvalResult>(await run(['eval', ...files, ...SMALL, '--json']));
    expect(found.loss).toBeCloseTo(doneOf(ended).heldOutLoss!, 4);
  });

  it('says its new tokens when it is asked', async () => {
    const { model } = here();
    const trained =
      method === 'full' ? ['--model', at('run/model')] : ['--model', model, '--adapter', at('run')];
    const asked = ['--prompt', '<|ask|>cow 4', '--max-new-tokens', '8', '--threads', '1', '--json'];
    const { text } = resultOf<{ text: string }>(await run(['generate', ...trained, ...asked]));
    expect(text).toContain('<|say|>');
  });

  it('is exported as a whole model that answers the same', async () => {
    const out = at('merged');
    const done = resultOf<ExportResult>(
      await run([
        'export',
        '--run',
        at('run'),
        '--as',
        'safetensors',
        '--type',
        'f32',
        '--out',
        out,
        '--json',
      ]),
    );
    expect(done.proof).toMatchObject({ equalAnswers: done.proof.prompts, firstDifference: null });
    expect(done.proof.maxLogProbDrift).toBeLessThan(1e-4);
    const config = JSON.parse(readFileSync(path.join(out, 'config.json'), 'utf8'));
    expect(config.vocab_size).toBe(259);
  });

  it('is exported for llama.cpp with the tokens in its vocabulary', async () => {
    const done = resultOf<ExportResult>(
      await run([
        'export',
        '--run',
        at('run'),
        '--as',
        'gguf',
        '--type',
        'f32',
        '--out',
        at('whole.gguf'),
        '--json',
      ]),
    );
    expect(done.proof).toMatchObject({ by: 'llama.cpp', equalAnswers: done.proof.prompts });
    const again = await openModel(at('whole.gguf'));
    expect((again.store.metadata.get('tokenizer.ggml.tokens') as string[]).slice(256)).toEqual(TEXTS);
    await again.store.close();
  });

  it('is assessed', async () => {
    const { code, err } = await run(['assess', '--run', at('run'), '--threads', '1', '--json']);
    expect(code, err).toBe(0);
    const found = JSON.parse(readFileSync(path.join(at('run'), 'assessment.json'), 'utf8')) as AssessResult;
    expect(found.verdict).toBeDefined();
  });
});

describe('an adapter with new tokens', () => {
  const trained = () => workspace.at('lora-run');
  const exported = (...more: string[]) => run(['export', '--run', trained(), ...more, '--json']);

  it('is exported for PEFT with its tokenizer, and says what to do there', async () => {
    const out = workspace.at('peft');
    const done = resultOf<ExportResult>(await exported('--as', 'peft', '--type', 'f16', '--out', out));
    const [from, to] = [await readAdapter(workspace.at('lora-run', 'adapter')), await readAdapter(out)];
    expect(to.newTokens).toEqual(from.newTokens);
    expect(done.proof.tensors).toBe(3 * from.tensors.size + 2);
    expect(done.notes.join()).toContain("resize the base model's embeddings to 259");
    expect(readFileSync(path.join(out, 'README.md'), 'utf8')).toContain('base.resize_token_embeddings(259)');
    expect(existsSync(path.join(out, 'tokenizer.json'))).toBe(true);
  });

  it('is not one for llama.cpp, which says what to do', async () => {
    const plain = models.get('qwen2')!;
    const { code, err } = await run([
      ...['export', '--run', workspace.at('qlora-run'), '--model', plain.model, '--as', 'gguf'],
      ...['--adapter-only', '--out', workspace.at('adapter.gguf'), '--json'],
    ]);
    expect(code).toBe(2);
    expect(err).toContain('has new tokens, which would be lost');
    expect(err).toContain('Save the full model as GGUF');
  });

  it('is refused beside another model', async () => {
    const { code, err } = await run([
      ...['generate', '--model', models.get('qwen2')!.model, '--adapter', trained()],
      ...['--prompt', 'Hello', '--json'],
    ]);
    expect(code).not.toBe(0);
    expect(err).toContain("doesn't fit this model");
  });

  it('does not go on with other tokens', async () => {
    const more = ['--new-token=<|ask|>', '--new-token=<|other|>'];
    const { code, err } = await run(['train', '--out', trained(), '--resume', ...more, '--json']);
    expect(code).not.toBe(0);
    expect(err).toContain('newTokens was');
  });

  it('has its price from its graph', async () => {
    const planOf = async (...more: string[]) =>
      resultOf<RunPlan>(
        await run(['plan', ...trainArgs(models.get('llama')!, workspace.at('planned'), ...more).slice(1)]),
      );
    const [plain, larger] = [await planOf(), await planOf(...FLAGS)];
    // an embedding and a head of 64 for each of three tokens
    expect(larger.trainableParameters - plain.trainableParameters).toBe(2 * 3 * 64);
    expect(larger.tokens).toBeLessThan(plain.tokens);
  });
});

describe('what cannot be a new token is refused', () => {
  const refusal = async (...flags: string[]) => {
    const { code, err } = await run(trainArgs(models.get('llama')!, workspace.at('refused'), ...flags));
    expect(code).not.toBe(0);
    return err;
  };

  it.each([
    [['--new-token=<|im_end|>'], '"<|im_end|>" is already a token of this model, with the id 2.'],
    [['--new-token=<a>', '--new-token=<a>'], '--new-token contains "<a>" twice'],
    [['--new-token= <a>'], 'begin or end with spaces; got " <a>"'],
    [['--new-token='], '--new-token'],
  ])('%j', async (flags, message) => {
    expect(await refusal(...flags)).toContain(message);
    expect(existsSync(workspace.at('refused', 'run.json'))).toBe(false);
  });
});

describe('a GGUF file as the base', () => {
  it('is trained with new tokens and written with them', async () => {
    const { model } = models.get('qwen2')!;
    const file = workspace.at('base.gguf');
    resultOf(
      await run(['export', '--model', model, '--as', 'gguf', '--type', 'f32', '--out', file, '--json']),
    );
    const there = { ...models.get('qwen2')!, model: file };
    const ended = await run(trainArgs(there, workspace.at('gguf-run'), ...SETTINGS));
    expect(doneOf(ended).steps).toBe(30);
    const out = workspace.at('again.gguf');
    const done = resultOf<ExportResult>(
      await run([
        'export',
        '--run',
        workspace.at('gguf-run'),
        '--as',
        'gguf',
        '--type',
        'f32',
        '--out',
        out,
        '--json',
      ]),
    );
    expect(done.proof).toMatchObject({ by: 'llama.cpp', equalAnswers: done.proof.prompts });
    const again = await openModel(out);
    expect((again.store.metadata.get('tokenizer.ggml.tokens') as string[]).slice(256)).toEqual(TEXTS);
    expect((again.store.metadata.get('tokenizer.ggml.token_type') as number[]).slice(256)).toEqual([4, 4, 4]);
    await again.store.close();
  });
});
