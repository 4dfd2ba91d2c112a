/** Readers of what belongs to a model: weights, tokenizer, template, configuration, adapter. */
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createChatTemplate } from '../../../main/engine/data/tokens/chat-template.ts';
import { ggufTokenizer } from '../../../main/engine/data/tokens/tokenizer/gguf-write.ts';
import { loadTokenizer, readTokenizerParts } from '../../../main/engine/data/tokens/tokenizer/load.ts';
import type { TemplateMessage, Tokenizer } from '../../../main/engine/data/tokens/tokenizer-types.ts';
import { openGguf } from '../../../main/engine/io/gguf.ts';
import { writeGguf } from '../../../main/engine/io/gguf-write.ts';
import { readAdapter, readBase, readNewTokens } from '../../../main/engine/io/peft.ts';
import { openSafetensors } from '../../../main/engine/io/safetensors.ts';
import { writeSafetensors } from '../../../main/engine/io/safetensors-write.ts';
import type { TensorStore } from '../../../main/engine/io/tensor-store.ts';
import { readConfig } from '../../../main/engine/load/open-model.ts';
import { outline, readModel } from '../../../main/engine/models/registry.ts';
import { noise } from '../../helpers/graphs.ts';
import { TOKENIZERS } from '../../helpers/tokenizer-families.ts';
import { everyEnd, inFile, type Reader, seedAt, seedOf, TESTS, TINY } from './reader.ts';

async function readAll(store: TensorStore): Promise<void> {
  try {
    for (const name of store.tensors.keys()) await store.readF32(name);
  } finally {
    await store.close();
  }
}

const TEXTS = [
  'Hello, world!',
  ' \n\t  a  b',
  'naïve café 数学 🙂 <|im_start|> [INST]',
  '1234567 x'.repeat(20),
];

function use(tokenizer: Tokenizer): void {
  for (const text of TEXTS) tokenizer.decode(tokenizer.encode(text, { addSpecial: true }));
  tokenizer.chat?.render([
    { role: 'system', content: 'Be brief.' },
    { role: 'user', content: 'Hi' },
    { role: 'assistant', content: 'Hello' },
  ]);
}

const TENSORS = [
  { name: 'model.a.weight', dtype: 'f32', shape: [4, 3], data: noise(12, 1) },
  { name: 'model.b.weight', dtype: 'f16', shape: [2, 2], data: Uint16Array.of(0, 1, 0x3c00, 0x7c00) },
  { name: 'model.c.bias', dtype: 'bf16', shape: [3], data: Uint16Array.of(0, 1, 0x3f80) },
] as const;

const safetensors: Reader = {
  name: 'safetensors',
  async open(folder) {
    const sound = path.join(folder, 'sound.safetensors');
    await writeSafetensors(sound, TENSORS, { format: 'pt', 'fettle.note': 'x' });
    const seeds = [
      seedAt(sound, 'safetensors'),
      seedAt(path.join(TESTS, 'golden/data/families/gpt2/adapter/adapter_model.safetensors'), 'safetensors'),
      seedAt(path.join(TESTS, 'golden/data/gguf/more-blocks.expected.safetensors'), 'safetensors'),
    ];
    return {
      seeds,
      read: inFile(folder, 'broken.safetensors', async (file) => readAll(await openSafetensors(file))),
    };
  },
};
const gguf: Reader = {
  name: 'gguf',
  async open(folder) {
    const made = path.join(folder, 'tokenizer.gguf');
    const entries = ggufTokenizer(await readTokenizerParts(TINY), 300);
    const tensors = [
      { name: 'token_embd.weight', type: 'f32' as const, shape: [4, 32], pieces: () => [noise(128, 1)] },
    ];
    await writeGguf(
      made,
      new Map([['general.architecture', { type: 'string', value: 'llama' }], ...entries]),
      tensors,
    );
    const golden = ['tensors.gguf', 'align64.gguf', 'more-blocks.gguf'].map((name) =>
      seedAt(path.join(TESTS, 'golden/data/gguf', name), 'bytes'),
    );
    const read = inFile(folder, 'broken.gguf', async (file) => {
      await readAll(await openGguf(file));
      if (readFileSync(file).includes('tokenizer.ggml.tokens')) use(await loadTokenizer(file));
    });
    return { seeds: [...golden, seedAt(made, 'bytes')], read };
  },
};

/** Families whose tokenizers are small; the others have the same stages. */
const SMALL_TOKENIZERS = ['gemma', 'lfm2', 'o200k', 'qwen3_5'].map((family) => path.join(TOKENIZERS, family));

const tokenizer: Reader = {
  name: 'tokenizer',
  async open(folder) {
    const files = ['tokenizer.json', 'tokenizer_config.json'];
    const folders = [TINY, ...SMALL_TOKENIZERS];
    const seeds = folders.flatMap((at) =>
      files.map((file) => seedAt(path.join(at, file), 'json', `${path.basename(at)}.${file}`)),
    );
    return {
      seeds,
      async read(bytes, name) {
        const [, family, broken] = /^([^.]+)\.(.+)$/.exec(name)!;
        const from = folders.find((at) => path.basename(at) === family)!;
        for (const file of files)
          writeFileSync(
            path.join(folder, file),
            file === broken ? bytes : readFileSync(path.join(from, file)),
          );
        use(await loadTokenizer(folder));
      },
    };
  },
};

const template: Reader = {
  name: 'template',
  async open() {
    const configs = globSync(`${TOKENIZERS}/*/tokenizer_config.json`).concat(
      path.join(TINY, 'tokenizer_config.json'),
    );
    const seeds = configs.flatMap((file) => {
      const { chat_template: source } = JSON.parse(readFileSync(file, 'utf8'));
      const isText = typeof source === 'string' && source.length < 20_000;
      return isText ? [seedOf(path.basename(path.dirname(file)), 'text', Buffer.from(source))] : [];
    });
    const tools = [
      {
        type: 'function',
        function: { name: 'f', description: 'd', parameters: { type: 'object', properties: {} } },
      },
    ];
    return {
      seeds,
      async read(bytes) {
        const chat = createChatTemplate(Buffer.from(bytes).toString('utf8'), {
          bos_token: '<s>',
          eos_token: '</s>',
        });
        const turns: TemplateMessage[] = [
          { role: 'system', content: 'Be brief.' },
          { role: 'user', content: 'What is it? '.repeat(20) },
          {
            role: 'assistant',
            content: '',
            tool_calls: [{ type: 'function', function: { name: 'f', arguments: { a: 1 } } }],
          },
          { role: 'tool', content: 'nothing' },
          { role: 'assistant', content: 'It is 7.' },
        ];
        await everyEnd([
          () => chat.foldsSystem(),
          () => chat.render(turns.slice(0, 2), { addGenerationPrompt: true }),
          () => chat.render(turns, { variables: { tools } }),
        ]);
      },
    };
  },
};
const config: Reader = {
  name: 'config',
  async open(folder) {
    const files = globSync(`${TESTS}/golden/data/{families,variations}/*/config{,_legacy}.json`);
    const seeds = files.map((file) =>
      seedAt(file, 'json', `${path.basename(path.dirname(file))}.${path.basename(file)}`),
    );
    const read = inFile(folder, 'config.json', async (file) => {
      outline(readModel(await readConfig(file)));
    });
    return { seeds, read };
  },
};

const adapter: Reader = {
  name: 'adapter',
  async open(folder) {
    const files = ['adapter_config.json', 'adapter_model.safetensors'] as const;
    const kinds = ['json', 'safetensors'] as const;
    const folders = ['families/gpt2', 'families/llama', 'dora/qwen2'].map((name) =>
      path.join(TESTS, 'golden/data', name, 'adapter'),
    );
    const nameOf = (at: string) => path.basename(path.dirname(at));
    const seeds = folders.flatMap((at) =>
      files.map((file, i) => seedAt(path.join(at, file), kinds[i]!, `${nameOf(at)}.${file}`)),
    );
    return {
      seeds,
      async read(bytes, name) {
        const [, family, broken] = /^([^.]+)\.(.+)$/.exec(name)!;
        const from = folders.find((at) => nameOf(at) === family)!;
        for (const file of files)
          writeFileSync(
            path.join(folder, file),
            file === broken ? bytes : readFileSync(path.join(from, file)),
          );
        await everyEnd([() => readAdapter(folder), () => readBase(folder), () => readNewTokens(folder)]);
      },
    };
  },
};

export const MODEL_READERS: readonly Reader[] = [safetensors, gguf, tokenizer, template, config, adapter];
