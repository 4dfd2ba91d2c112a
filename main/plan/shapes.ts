/**
 * The shapes of known models: layers, widths, heads. Activations and adapters depend on them, and a number of parameters alone
 * does not say them. From the config.json that each model's makers publish; a test counts the parameters of each shape and
 * compares them with the catalog to the last one.
 */
export interface ModelShape {
  readonly name: string;
  readonly layers: number;
  readonly width: number;
  readonly heads: number;
  /** Heads of keys and values; fewer than `heads` where several queries share them. */
  readonly keyHeads: number;
  readonly headWidth: number;
  readonly feedForward: number;
  readonly vocabulary: number;
  /** Whether the output head is the embedding. */
  readonly tied: boolean;
  /** Tokens that it reads at once. */
  readonly positions: number;
  /** What its makers' files hold. */
  readonly stored: 'float32' | 'float16' | 'bfloat16';
  readonly kind: 'gpt2' | 'llama' | 'qwen2' | 'qwen3';
}

type Row = readonly [
  layers: number,
  width: number,
  heads: number,
  keyHeads: number,
  feedForward: number,
  vocabulary: number,
  tied: boolean,
  positions: number,
  headWidth?: number,
];

const GPT2_POSITIONS = 1024;
/** GPT-2 was published in float32, most others in bfloat16; these in float16. */
const IN_FLOAT16 = ['Practice model', 'Llama 2 7B', 'Llama 2 13B', 'Llama 2 70B'];

const GPT2: Readonly<Record<string, readonly [layers: number, width: number, heads: number]>> = {
  'distilbert/distilgpt2': [6, 768, 12],
  'openai-community/gpt2': [12, 768, 12],
  'openai-community/gpt2-medium': [24, 1024, 16],
  'openai-community/gpt2-large': [36, 1280, 20],
  'openai-community/gpt2-xl': [48, 1600, 25],
};

const LLAMA: Readonly<Record<string, Row>> = {
  'fettle/practice-model': [4, 256, 4, 2, 768, 4096, true, 256],
  'HuggingFaceTB/SmolLM2-135M': [30, 576, 9, 3, 1536, 49_152, true, 8192],
  'HuggingFaceTB/SmolLM2-360M': [32, 960, 15, 5, 2560, 49_152, true, 8192],
  'HuggingFaceTB/SmolLM2-1.7B': [24, 2048, 32, 32, 8192, 49_152, true, 8192],
  'meta-llama/Llama-3.2-1B': [16, 2048, 32, 8, 8192, 128_256, true, 131_072],
  'meta-llama/Llama-3.2-3B': [28, 3072, 24, 8, 8192, 128_256, true, 131_072],
  'meta-llama/Llama-3.1-8B': [32, 4096, 32, 8, 14_336, 128_256, false, 131_072],
  'mistralai/Mistral-7B-v0.3': [32, 4096, 32, 8, 14_336, 32_768, false, 32_768],
};

const QWEN2: Readonly<Record<string, Row>> = {
  'Qwen/Qwen2.5-0.5B': [24, 896, 14, 2, 4864, 151_936, true, 32_768],
  'Qwen/Qwen2.5-1.5B': [28, 1536, 12, 2, 8960, 151_936, true, 131_072],
  'Qwen/Qwen2.5-3B': [36, 2048, 16, 2, 11_008, 151_936, true, 32_768],
  'Qwen/Qwen2.5-7B': [28, 3584, 28, 4, 18_944, 152_064, false, 131_072],
};

const QWEN3: Readonly<Record<string, Row>> = {
  'Qwen/Qwen3-0.6B': [28, 1024, 16, 8, 3072, 151_936, true, 40_960, 128],
  'Qwen/Qwen3-1.7B': [28, 2048, 16, 8, 6144, 151_936, true, 40_960, 128],
  'Qwen/Qwen3-4B': [36, 2560, 32, 8, 9728, 151_936, true, 40_960, 128],
  'Qwen/Qwen3-8B': [36, 4096, 32, 8, 12_288, 151_936, false, 40_960, 128],
};

/** What stands for a model of which only the size is known: the Llama family as it was published, small ones as GPT-2. */
const TYPICAL: readonly ModelShape[] = [
  ...Object.entries(GPT2).map(([repo, row]) => gpt2(repo, row)),
  shape('Llama 2 7B', 'llama', [32, 4096, 32, 32, 11_008, 32_000, false, 4096]),
  shape('Llama 2 13B', 'llama', [40, 5120, 40, 40, 13_824, 32_000, false, 4096]),
  shape('Llama 2 70B', 'llama', [80, 8192, 64, 8, 28_672, 32_000, false, 4096]),
  shape('Llama 3.1 405B', 'llama', [126, 16_384, 128, 8, 53_248, 128_256, false, 131_072]),
];

const KNOWN = new Map<string, ModelShape>([
  ...Object.entries(GPT2).map(([repo, row]) => [repo, gpt2(repo, row)] as const),
  ...Object.entries(LLAMA).map(([repo, row]) => [repo, shape(nameOf(repo), 'llama', row)] as const),
  ...Object.entries(QWEN2).map(([repo, row]) => [repo, shape(nameOf(repo), 'qwen2', row)] as const),
  ...Object.entries(QWEN3).map(([repo, row]) => [repo, shape(nameOf(repo), 'qwen3', row)] as const),
]);

/** What the instruct versions of Qwen2.5 read at once by their config.json, also where the model before the instructions reads more. */
const QWEN2_INSTRUCT_POSITIONS = 32_768;

/** The shape of a model of the catalog, which its instruct version shares; null where it is not known. */
export function shapeOf(repo: string): ModelShape | null {
  const found = KNOWN.get(repo.replace('-Instruct', '')) ?? null;
  const isInstruct = repo.includes('-Instruct');
  return found?.kind === 'qwen2' && isInstruct ? { ...found, positions: QWEN2_INSTRUCT_POSITIONS } : found;
}

/** The shape of the known model that is nearest in size, by ratio. */
export function typicalShape(parameters: number): ModelShape {
  const distance = (each: ModelShape) => Math.abs(Math.log(parametersOf(each) / parameters));
  return TYPICAL.reduce((best, each) => (distance(each) < distance(best) ? each : best));
}

/** Inputs and outputs of each matrix of a layer, by what it does. */
export function matricesOf(model: ModelShape): Readonly<
  Record<'query' | 'key' | 'value' | 'output', readonly [inputs: number, outputs: number]>
> & {
  readonly feedForward: readonly (readonly [inputs: number, outputs: number])[];
} {
  const { width, heads, keyHeads, headWidth, feedForward, kind } = model;
  const up: readonly [number, number] = [width, feedForward];
  const down: readonly [number, number] = [feedForward, width];
  return {
    query: [width, heads * headWidth],
    key: [width, keyHeads * headWidth],
    value: [width, keyHeads * headWidth],
    output: [heads * headWidth, width],
    feedForward: kind === 'gpt2' ? [up, down] : [up, up, down],
  };
}

/** Inputs and outputs of the matrices of a layer that get an adapter. GPT-2 has queries, keys and values in one matrix, so they get one. */
export function adaptedMatrices(
  model: ModelShape,
  targets: 'all' | 'attention' | 'query-value',
): readonly (readonly [inputs: number, outputs: number])[] {
  const { query, key, value, output, feedForward } = matricesOf(model);
  const together = [query[0], query[1] + key[1] + value[1]] as const;
  const isOne = model.kind === 'gpt2';
  if (targets === 'query-value') return isOne ? [together] : [query, value];
  const attention = isOne ? [together, output] : [query, key, value, output];
  return targets === 'attention' ? attention : [...attention, ...feedForward];
}

/** All weights of a model of that shape. */
export function parametersOf(model: ModelShape): number {
  const { layers, width, heads, keyHeads, headWidth, feedForward, vocabulary, tied, positions, kind } = model;
  const { query, key, value, output, feedForward: ff } = matricesOf(model);
  const matrices = [query, key, value, output, ...ff].reduce((sum, [from, to]) => sum + from * to, 0);
  const queryAndKeys = heads * headWidth + 2 * keyHeads * headWidth;
  /** Norms and biases of a layer. */
  const small = {
    gpt2: 4 * width + queryAndKeys + width + feedForward + width,
    llama: 2 * width,
    qwen2: 2 * width + queryAndKeys,
    qwen3: 2 * width + 2 * headWidth,
  }[kind];
  const ends = kind === 'gpt2' ? positions * width + 2 * width : width;
  return layers * (matrices + small) + vocabulary * width * (tied ? 1 : 2) + ends;
}

/** The config.json of a model of that shape, in Hugging Face's terms. */
export function configOf(model: ModelShape): Readonly<Record<string, unknown>> {
  const { layers, width, heads, keyHeads, headWidth, feedForward, vocabulary, tied, kind } = model;
  const { positions, stored: dtype } = model;
  const common = { model_type: kind, vocab_size: vocabulary, tie_word_embeddings: tied, dtype };
  if (kind === 'gpt2')
    return {
      ...common,
      ...{ n_layer: layers, n_embd: width, n_head: heads, n_inner: feedForward, n_positions: positions },
    };
  return {
    ...common,
    ...{ num_hidden_layers: layers, hidden_size: width, intermediate_size: feedForward },
    ...{ num_attention_heads: heads, num_key_value_heads: keyHeads, head_dim: headWidth },
    max_position_embeddings: positions,
  };
}

function gpt2(repo: string, [layers, width, heads]: readonly [number, number, number]): ModelShape {
  return shape(nameOf(repo), 'gpt2', [layers, width, heads, heads, 4 * width, 50_257, true, GPT2_POSITIONS]);
}

function shape(name: string, kind: ModelShape['kind'], row: Row): ModelShape {
  const [
    layers,
    width,
    heads,
    keyHeads,
    feedForward,
    vocabulary,
    tied,
    positions,
    headWidth = width / heads,
  ] = row;
  return {
    ...{ name, layers, width, heads, keyHeads, headWidth, feedForward, vocabulary, tied, positions, kind },
    stored: IN_FLOAT16.includes(name) ? 'float16' : kind === 'gpt2' ? 'float32' : 'bfloat16',
  };
}

function nameOf(repo: string): string {
  const name = (repo.split('/')[1] ?? repo).replaceAll('-', ' ');
  return name
    .replace(/^gpt2/, 'GPT-2')
    .replace('distilgpt2', 'DistilGPT-2')
    .replace(/^practice/, 'Practice');
}
