/**
 * A tokenizer taken from one GGUF file to the next: scores, types and names that a detour over a tokenizer.json would
 * lose stay as they are.
 */
import type { GgufEntry } from '../../io/gguf-write.ts';

type Entries = [string, GgufEntry][];

/** Lists whose numbers are not int32. */
const FLOATS: ReadonlySet<string> = new Set(['tokenizer.ggml.scores']);

/** Every entry of a tokenizer in `metadata`, each under the type that llama.cpp expects. */
export function copyGgufTokenizer(metadata: ReadonlyMap<string, unknown>): Entries {
  return [...metadata].flatMap(([key, value]): Entries => {
    const entry = key.startsWith('tokenizer.') ? entryOf(key, value) : null;
    return entry === null ? [] : [[key, entry]];
  });
}

function entryOf(key: string, value: unknown): GgufEntry | null {
  if (typeof value === 'string') return { type: 'string', value };
  if (typeof value === 'boolean') return { type: 'bool', value };
  if (typeof value === 'number') return { type: 'u32', value };
  if (!Array.isArray(value)) return null;
  if (value.every((item) => typeof item === 'string')) return { type: 'strings', value };
  if (value.every((item) => typeof item === 'number'))
    return { type: FLOATS.has(key) ? 'f32s' : 'i32s', value };
  return null;
}
