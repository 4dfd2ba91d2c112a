/**
 * Turns tokens back into text. The library searches lists for every token and reads broken UTF-8 and byte order marks differently from the
 * Rust tokenizers, so the stages of our model families are written here.
 */
import type { Tokenizer } from '../tokenizer-types.ts';
import {
  badTokenizer,
  checkGrowth,
  contentOf,
  entryOf,
  lengthOf,
  type StageConfig,
  stagesIn,
} from './definition.ts';
import { fromByteAlphabet, SequenceDecoder } from './library.ts';
import { compile } from './pre-tokenize.ts';

/** Joins the vocabulary entries of consecutive ids into text. */
type Decode = (tokens: readonly string[]) => string;

type Step = (tokens: readonly string[]) => readonly string[];

const BYTE_TOKEN = /^<0x([0-9A-Fa-f]{2})>$/;
const lossy = new TextDecoder('utf-8', { ignoreBOM: true });
const strict = new TextDecoder('utf-8', { ignoreBOM: true, fatal: true });

/** Builds the decoder from tokenizer.json's `decoder`; without one, tokens are joined by spaces. It throws like `checkGrowth`. */
export function createDecoder(config: StageConfig | null, where: string): Decode {
  if (config === null) return (tokens) => tokens.join(' ');
  const steps = stepsOf(config, where);
  return (tokens) => {
    let parts: readonly string[] = tokens;
    steps.forEach((step, i) => {
      if (i > 0) checkGrowth(lengthOf(tokens), parts);
      parts = step(parts);
    });
    return parts.join('');
  };
}

function stepsOf(config: StageConfig, where: string): Step[] {
  const make = entryOf(STAGES, config.type);
  return make === undefined ? [libraryStep(config, where)] : make(config, where);
}

const STAGES: Readonly<Record<string, (config: StageConfig, where: string) => Step[]>> = {
  Sequence: (config, where) =>
    stagesIn(config, 'decoders', 'decoder', where).flatMap((part) => stepsOf(part, where)),
  ByteLevel: () => [(tokens) => [bytesToText(tokens)]],
  ByteFallback: () => [byteFallback],
  Fuse: () => [(tokens) => [tokens.join('')]],
  Replace: (config, where) => {
    const pattern = compile(config.pattern, where);
    const content = contentOf(config, 'content', '', where);
    return [(tokens) => tokens.map((token) => token.replaceAll(pattern, () => content))];
  },
  Metaspace: (config) => [metaspace(config)],
  Strip: (config) => {
    const content = String(config.content ?? ' ');
    const [start, stop] = [Number(config.start ?? 0), Number(config.stop ?? 0)];
    return [(tokens) => tokens.map((token) => strip(token, content, start, stop))];
  },
};

function libraryStep(config: StageConfig, where: string): Step {
  try {
    const decoder = new SequenceDecoder({ type: 'Sequence', decoders: [config] });
    return (tokens) => decoder.decode_chain([...tokens]);
  } catch (cause) {
    throw badTokenizer(where, `it has a decoder "${config.type}", which Fettle does not know`, { cause });
  }
}

function bytesToText(tokens: readonly string[]): string {
  const bytes: number[] = [];
  for (const token of tokens) for (const byte of fromByteAlphabet(token)) bytes.push(byte);
  return lossy.decode(Uint8Array.from(bytes));
}

/** Runs of `<0xNN>` become the text they spell, or one U+FFFD a byte where they spell none. */
function byteFallback(tokens: readonly string[]): string[] {
  const out: string[] = [];
  let run: number[] = [];
  const flush = () => {
    if (run.length > 0) out.push(decodeRun(run));
    run = [];
  };
  for (const token of tokens) {
    const byte = BYTE_TOKEN.exec(token)?.[1];
    if (byte !== undefined) run.push(Number.parseInt(byte, 16));
    else {
      flush();
      out.push(token);
    }
  }
  flush();
  return out;
}

function decodeRun(bytes: readonly number[]): string {
  try {
    return strict.decode(Uint8Array.from(bytes));
  } catch {
    return '\ufffd'.repeat(bytes.length);
  }
}

function metaspace(config: StageConfig): Step {
  const mark = typeof config.replacement === 'string' ? config.replacement : '\u2581';
  const scheme = config.prepend_scheme ?? (config.add_prefix_space === false ? 'never' : 'always');
  return (tokens) =>
    tokens.map((token, i) => token.replaceAll(mark, i === 0 && scheme !== 'never' ? '' : ' '));
}

function strip(token: string, content: string, start: number, stop: number): string {
  let from = 0;
  while (from < start && token[from] === content) from++;
  let to = token.length;
  while (to > from && token.length - to < stop && token[to - 1] === content) to--;
  return token.slice(from, to);
}

// A token need not be whole characters, and the first of a text may lose its space. So a stream decodes a short window
// twice, with and without the new token, and shows the difference.

interface TextStream {
  /** Takes the next id; returns the text that it completes, which may be empty. */
  push(id: number): string;
  /** The text still held back, broken characters as U+FFFD. Call once at the end. */
  flush(): string;
}

/** So many tokens are held back for a character to complete; no character has more bytes, so more are broken anyway. */
const MAX_PENDING = 8;

/** A decoder for one generated answer. The pieces join up to `decode(ids, { skipSpecial })`; special tokens are left out by default. */
export function createTextStream(tokenizer: Tokenizer, options: { skipSpecial?: boolean } = {}): TextStream {
  const skipSpecial = options.skipSpecial !== false;
  const decode = (ids: readonly number[]) => tokenizer.decode(ids, { skipSpecial });
  let shown: number[] = [];
  let pending: number[] = [];

  const advance = (force: boolean): string => {
    const before = decode(shown);
    const text = decode([...shown, ...pending]);
    if (!force && text.endsWith('\ufffd') && pending.length < MAX_PENDING) return '';
    const fresh = text.slice(before.length);
    if (fresh === '') return '';
    shown = pending;
    pending = [];
    return fresh;
  };
  return {
    push(id) {
      if (skipSpecial && decode([id]) === '' && tokenizer.decode([id]) !== '') return '';
      pending.push(id);
      return advance(false);
    },
    flush: () => (pending.length === 0 ? '' : advance(true)),
  };
}
