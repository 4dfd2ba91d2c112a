/**
 * A tokenizer taken from one GGUF file to the next: scores, types and names that a detour over a tokenizer.json would
 * lose stay as they are.
 */
import type { GgufEntry } from '../../io/gguf-write.ts';

type Entries = [string, GgufEntry][];

/** Lists whose numbers are not int32. */
const FLOATS: ReadonlySet<string> = new Set(['tokenizer.ggml.scores']);

/** What a new token has in the lists with an entry for each token: user-defined, and as unlikely as can be beside merges. */
const OF_NEW_TOKENS: Readonly<Record<string, number>> = {
  'tokenizer.ggml.token_type': 4,
  'tokenizer.ggml.scores': -1000,
};

/** Texts that are tokens from the id `first` on. */
interface Added {
  readonly first: number;
  readonly texts: readonly string[];
}

/** Every entry of a tokenizer in `metadata`, each under the type that llama.cpp expects, with new tokens where some were added. */
export function copyGgufTokenizer(
  metadata: ReadonlyMap<string, unknown>,
  added: Added | undefined = undefined,
): Entries {
  return [...metadata].flatMap(([key, value]): Entries => {
    const whole = added && Array.isArray(value) ? withNew(key, value, added) : value;
    const entry = key.startsWith('tokenizer.') ? entryOf(key, whole) : null;
    return entry === null ? [] : [[key, entry]];
  });
}

function withNew(key: string, list: readonly unknown[], { first, texts }: Added): readonly unknown[] {
  const value = OF_NEW_TOKENS[key];
  if (key !== 'tokenizer.ggml.tokens' && value === undefined) return list;
  return list.toSpliced(first, texts.length, ...(value === undefined ? texts : texts.map(() => value)));
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
