/**
 * The fields that requests share, as tables. A field is honoured, known to change no answer, or refused by name; one that is in no table
 * is refused, too, since it might change the answer.
 */
import { z } from 'zod';

/** What each way of sampling may be: under these names OpenAI's API, llama.cpp's server and Ollama have it. */
export const SAMPLING = {
  temperature: z.number().min(0).max(2).optional(),
  top_p: z.number().gt(0).max(1).optional(),
  top_k: z.int().min(-1).max(1e6).optional(),
  min_p: z.number().min(0).max(1).optional(),
  repeat_penalty: z.number().gt(0).max(10).optional(),
  repeat_last_n: z.int().min(-1).max(1e6).optional(),
  presence_penalty: z.number().min(-2).max(2).optional(),
  frequency_penalty: z.number().min(-2).max(2).optional(),
  seed: z.int().optional(),
  // editors send all that may follow a line of code
  stop: z.union([z.string(), z.array(z.string()).max(32)]).optional(),
};

/** By token ids, as OpenAI's API has it. */
export const logitBias = z.record(z.string().regex(/^\d+$/), z.number().min(-100).max(100)).optional();

export type SamplingFields = z.output<z.ZodObject<typeof SAMPLING>> & {
  readonly logit_bias?: z.output<typeof logitBias>;
};

const anything = z.unknown().optional();

/** Fields that say who asks, where an answer is kept, or how it is computed: it is the same without them. */
export const WITHOUT_EFFECT = {
  // one model answers, whatever it is called
  model: anything,
  user: anything,
  metadata: anything,
  store: anything,
  service_tier: anything,
  safety_identifier: anything,
  prompt_cache_key: anything,
  prompt_cache_retention: anything,
  cache_prompt: anything,
  keep_alive: anything,
};

/** A field that can't be honoured: `why` says what to do, and `neutral` are the values with which it asks for nothing. */
export function refused(why: string, ...neutral: readonly unknown[]) {
  const isNeutral = (value: unknown) =>
    value === undefined || neutral.some((one) => JSON.stringify(one) === JSON.stringify(value));
  return z.unknown().refine(isNeutral, { error: why }).optional();
}

/** Of how a model computes, fixed when it was started. */
const fixed = (name: string) => refused(`Choose it where the model is started (${name})`);

/** Options of Ollama; those about the computer change no answer. */
export const OLLAMA_OPTIONS = z
  .strictObject({
    ...SAMPLING,
    num_predict: z.int().min(-2).optional(),
    num_ctx: anything,
    num_keep: anything,
    num_batch: anything,
    num_gpu: anything,
    main_gpu: anything,
    num_thread: anything,
    numa: anything,
    low_vram: anything,
    use_mmap: anything,
    use_mlock: anything,
    vocab_only: refused('A model answers with all of its weights', false),
    f16_kv: fixed('a folder'),
    typical_p: refused('Use top_p or min_p', 1),
    tfs_z: refused('Use top_p or min_p', 1),
    mirostat: refused('Use temperature and top_p', 0),
    mirostat_tau: anything,
    mirostat_eta: anything,
    penalize_newline: refused('A penalty counts newlines, too', true),
  })
  .optional();

const text = z.string();
const parts = z.array(z.looseObject({ type: z.literal('text'), text }));
const called = z.looseObject({
  id: text.optional(),
  function: z.looseObject({ name: text, arguments: text }),
});

export const message = z.looseObject({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: z
    .union([text, parts, z.null()], { error: 'Only text can be read, no images or sound' })
    .optional(),
  tool_calls: z.array(called).nullish(),
  tool_call_id: text.nullish(),
  name: text.nullish(),
  reasoning_content: text.nullish(),
});

const described = {
  name: text,
  description: text.nullish(),
  parameters: z.looseObject({}).nullish(),
};

/** A tool as chat completions and Ollama take it, and with its fields one level up, as the Responses API does. */
export const tool = z.looseObject({ type: z.literal('function'), function: z.looseObject(described) });
export const flatTool = z.looseObject({
  type: z.literal('function', { error: 'Only functions can be called' }),
  ...described,
});

export const WHICH_CALL = ['none', 'auto', 'required'] as const;

/** Token ids, one text's or several. */
export const ids = z.array(z.int().min(0)).min(1);
