/** What the cases train on: real rows, made ones with long prompts, models of several shapes. Made once into a folder that stays. */
import fs from 'node:fs';
import path from 'node:path';
import { buildTokenStore } from '../../main/engine/data/tokens/dataset.ts';
import { rowEncoder } from '../../main/engine/data/tokens/encode.ts';
import { loadTokenizer } from '../../main/engine/data/tokens/tokenizer/load.ts';
import { ggufTensors, tokenizerEntries, writeGgufModel } from '../../main/engine/export/gguf-tensors.ts';
import { openModel, tokenizerOf, tokenizerPartsOf } from '../../main/engine/load/open-model.ts';
import { prepareWeights } from '../../main/engine/load/weights.ts';
import { ggufArchitecture } from '../../main/engine/models/registry.ts';
import { cacheFolder } from '../../main/paths.ts';
import { packedBatches } from './batches.ts';
import { writeBigModel } from './big-models.ts';
import type { ConfigName } from './hollow-model.ts';
import { writeModel, writeTexts } from './plan-models.ts';

const SAMPLES = path.join(import.meta.dirname, '..', '..', 'resources', 'samples');

/** Real rows as short as they come, some 60 tokens each. */
export const SHORT_ROWS = path.join(SAMPLES, 'support-messages.jsonl');
export const PAIRS = path.join(SAMPLES, 'polite-answers.jsonl');
export const SHORT_HELD_OUT = path.join(SAMPLES, 'support-messages.held-out.jsonl');
/** Calls of tools with their schemas, some 350 tokens each. */
export const TOOL_ROWS = path.join(SAMPLES, 'tool-calls.jsonl');
/** Sample texts that a long prompt quotes before its question, and a long e-mail. */
const QUOTED = 2;
const QUOTED_IN_EMAILS = 7;

const INSTRUCTION = [
  'You read messages that customers write to a shop which sells and repairs things for the house.',
  'Decide which desk answers a message and how urgent it is. A person who is hurt, smells gas or sees smoke comes first.',
  'What has arrived broken is less urgent than what has broken and is needed each day. A question about a price, an opening',
  'hour or an order that is on its way can wait. Where a message asks for several things, the most urgent one decides.',
  'Read what happened, not how it is told: an angry message about a scratch is no more urgent than a calm one. Names of things',
  'and of places do not decide, nor does the language. Where nothing is asked, choose the desk that would be glad to know.',
  'Answer with one line of JSON and nothing else.',
].join(' ');

export class Inputs {
  readonly folder: string;

  constructor(folder: string) {
    this.folder = folder;
    fs.mkdirSync(folder, { recursive: true });
  }

  at(name: string): string {
    return path.join(this.folder, name);
  }

  /** Real questions and answers behind real texts: some 350 tokens, of which a tenth is learned. */
  longPrompts(): string {
    return this.#quoting(QUOTED, 'long-prompts');
  }

  /** The same behind more texts: some 900 tokens. */
  emails(): string {
    return this.#quoting(QUOTED_IN_EMAILS, 'emails');
  }

  /** The short rows behind one instruction of some 200 tokens, which names what they are sorted into. */
  instructed(): string {
    const rows = fs
      .readFileSync(SHORT_ROWS, 'utf8')
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { messages: Said[] }).messages);
    const answers = rows.map((messages) => JSON.parse(messages.at(-1)!.content) as Record<string, string>);
    const valuesOf = (key: string) => [...new Set(answers.map((answer) => answer[key]!))].sort().join(', ');
    const lists = Object.keys(answers[0]!).map((key) => `"${key}" is one of ${valuesOf(key)}.`);
    const content = [INSTRUCTION, ...lists].join(' ');
    const instructed = rows.map((messages) =>
      JSON.stringify({ messages: [{ role: 'system', content }, ...messages] }),
    );
    return this.#write('instructed.jsonl', instructed.join('\n'));
  }

  #quoting(count: number, name: string): string {
    const read = (name: string) =>
      fs
        .readFileSync(path.join(SAMPLES, `${name}.jsonl`), 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as { prompt: string; completion: string; messages: Said[] });
    const texts = read('product-descriptions').map(({ prompt, completion }) => `${prompt}\n${completion}`);
    const rows = read('support-answers').map(({ messages }, i) => {
      const quoted = Array.from({ length: count }, (_, j) => texts[(i * count + j) % texts.length]!);
      const [question, answer] = messages.map(({ content }) => content) as [string, string];
      const asked = `${quoted.join('\n\n')}\n\n${question}`;
      return {
        messages: [
          { role: 'user', content: asked },
          { role: 'assistant', content: answer },
        ],
      };
    });
    return this.#write(`${name}.jsonl`, rows.map((row) => JSON.stringify(row)).join('\n'));
  }

  /** Running text in rows that fill `tokens`, all of it learned. */
  texts(tokens: number): string {
    const file = this.at(`texts-${tokens}.jsonl`);
    return fs.existsSync(file) ? file : writeTexts(file, 24, tokens);
  }

  /** The short rows again and again, with a number in each so that none is a duplicate, for what is measured by size. */
  many(count: number): string {
    const lines = fs.readFileSync(SHORT_ROWS, 'utf8').trim().split('\n');
    const numbered = Array.from({ length: count }, (_, i) => {
      const row = JSON.parse(lines[i % lines.length]!) as { messages: Said[] };
      row.messages[0]!.content += ` Case ${i}.`;
      return JSON.stringify(row);
    });
    return this.#write(`many-${count}.jsonl`, numbered.join('\n'));
  }

  /** Random weights in a known shape. */
  async shaped(name: ConfigName): Promise<string> {
    const folder = this.at(name);
    const model = path.join(folder, 'model.gguf');
    if (!fs.existsSync(model)) await writeBigModel(folder, name, 256);
    return model;
  }

  /** SmolLM2's shape with so many layers, with random weights in 32 or 16 bits. */
  async withLayers(layers: number, dtype: 'f32' | 'bf16' = 'f32'): Promise<string> {
    const folder = this.at(`layers-${layers}-${dtype}`);
    return fs.existsSync(folder) ? folder : await writeModel(folder, '135M', dtype, layers);
  }

  /** `model` as a GGUF file in float32, as llama.cpp computes it without rounding. */
  async floatGguf(model: string): Promise<string> {
    const file = this.at('float.gguf');
    if (fs.existsSync(file)) return file;
    const opened = await openModel(model);
    const weights = await prepareWeights(opened, path.join(cacheFolder(), 'weights'));
    const read = async function* (parameter: string) {
      yield await weights.read(parameter);
    };
    const tokenizer = tokenizerEntries(opened, await tokenizerPartsOf(opened), await tokenizerOf(opened));
    const facts = { name: 'float32', licence: null, tags: [], baseModel: null };
    const tensors = ggufTensors(opened, read, 'f32', new Map());
    await writeGgufModel(file, ggufArchitecture(opened), tokenizer, tensors, { type: 'f32', facts });
    await opened.store.close();
    return file;
  }

  /** The tokens of `data` as Fettle trains on them, for peers. */
  async tokenised(model: string, data: string, maxLength: number): Promise<string> {
    const file = this.at(`tokens-${path.basename(data, '.jsonl')}-${maxLength}.json`);
    if (fs.existsSync(file)) return file;
    const encodeRow = rowEncoder(await loadTokenizer(model), 'answers');
    const store = await buildTokenStore({
      ...{ files: [data], encodeRow, maxLength, onBadRow: 'stop' as const, folder: this.folder },
    });
    const rows = [];
    for (let i = 0; i < store.count; i++) {
      const { ids, trained } = await store.row(i);
      rows.push({ ids: [...ids], trained: [...trained] });
    }
    await store.close();
    fs.writeFileSync(file, JSON.stringify({ rows }));
    return file;
  }

  /** Micro-batches as Fettle packs them, for the bare loop in PyTorch. */
  async packed(model: string, data: string, length: number, steps: number): Promise<string> {
    const file = this.at(`batches-${path.basename(data, '.jsonl')}-${length}.json`);
    const batches = await packedBatches({ model, data, rows: 1, rowLength: length, folder: this.folder });
    fs.writeFileSync(file, JSON.stringify({ rows: 1, rowLength: length, steps, batches }));
    return file;
  }

  #write(name: string, text: string): string {
    const file = this.at(name);
    fs.writeFileSync(file, `${text}\n`);
    return file;
  }
}

interface Said {
  role: string;
  content: string;
}
