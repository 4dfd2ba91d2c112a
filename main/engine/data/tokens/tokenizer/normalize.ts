/**
 * The normalisation stage. The library runs the plain forms; BERT's stage and SentencePiece's table of characters, which it only
 * approximates, are written here as the Rust tokenizers have them.
 */
import { LimitReached } from '../too-much.ts';
import { badTokenizer, checkGrowth, contentOf, entryOf, type StageConfig, stagesIn } from './definition.ts';
import { SequenceNormalizer } from './library.ts';
import { compile } from './pre-tokenize.ts';

type Normalize = (text: string) => string;

/** Builds the stage from tokenizer.json's `normalizer`; null when there is nothing to do. It throws LimitReached like `checkGrowth`. */
export function createNormalizer(config: StageConfig | null, where: string): Normalize | null {
  if (config === null) return null;
  const steps = stepsOf(config, where);
  if (steps.length === 0) return null;
  return (text) => {
    let normal = text;
    for (const step of steps) {
      normal = step(normal);
      checkGrowth(text.length, normal);
    }
    return normal;
  };
}

function stepsOf(config: StageConfig, where: string): Normalize[] {
  const make = entryOf(STAGES, config.type);
  if (make !== undefined) return make(config, where);
  throw badTokenizer(
    where,
    `it has a normalizer ${JSON.stringify(config.type)} that Fettle does not support`,
  );
}

type MakeSteps = (config: StageConfig, where: string) => Normalize[];

const byLibrary: MakeSteps = (config) => {
  const stage = new SequenceNormalizer({ type: 'Sequence', normalizers: [config] });
  return [(text) => stage.normalize(text)];
};

const STAGES: Readonly<Record<string, MakeSteps>> = {
  Sequence: (config, where) =>
    stagesIn(config, 'normalizers', 'normalizer', where).flatMap((part) => stepsOf(part, where)),
  Prepend: (config, where) => {
    const prepend = contentOf(config, 'prepend', '', where);
    return byLibrary({ ...config, prepend }, where);
  },
  Replace: (config, where) => {
    const content = contentOf(config, 'content', '', where);
    compile(config.pattern, where);
    return byLibrary({ ...config, content }, where);
  },
  ...Object.fromEntries(
    ['NFC', 'NFD', 'NFKC', 'NFKD', 'StripAccents', 'Strip'].map((type) => [type, byLibrary]),
  ),
  Lowercase: () => [lowerCase],
  BertNormalizer: bert,
  Precompiled: precompiled,
};

/** Each character for itself: a whole Greek word in JavaScript ends in another sigma. */
const lowerCase: Normalize = (text) => text.replaceAll('\u03a3', '\u03c3').toLowerCase();

function bert(config: StageConfig): Normalize[] {
  const is = (key: string, fallback: boolean) => (typeof config[key] === 'boolean' ? config[key] : fallback);
  const lowers = is('lowercase', true);
  return [
    ...(is('clean_text', true) ? [cleanText] : []),
    ...(is('handle_chinese_chars', true) ? [apartIdeographs] : []),
    ...(is('strip_accents', lowers) ? [stripAccents] : []),
    ...(lowers ? [lowerCase] : []),
  ];
}

const cleanText: Normalize = (text) =>
  text.replace(/[\0\ufffd]|(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}]/gu, '').replace(/\p{White_Space}/gu, ' ');

/** The blocks as the Rust tokenizers list them. */
const apartIdeographs: Normalize = (text) =>
  text.replace(
    /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu,
    ' $& ',
  );

const stripAccents: Normalize = (text) => text.normalize('NFD').replace(/\p{Mn}/gu, '');

// SentencePiece's table (`precompiled_charsmap`): a trie over the bytes of what is replaced, in the layout of the library Darts, and the
// replacements one after the other, each with a zero at its end.

interface CharacterTable {
  readonly trie: Uint32Array;
  readonly replacements: Uint8Array;
}

/** Bytes of a replacement; the longest in use has 33. */
const MAX_REPLACEMENT = 100;
/** Longer clusters of characters are looked up character by character. */
const MAX_CLUSTER_BYTES = 6;

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

function precompiled(config: StageConfig, where: string): Normalize[] {
  const table = readTable(config.precompiled_charsmap, where);
  if (table === null) return [];
  const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
  const known = new Map<string, string | null>();
  const replacementOf = (text: string) => {
    const seen = known.get(text);
    if (seen !== undefined) return seen;
    const found = lookUp(table, encoder.encode(text));
    if (known.size >= 10_000) known.clear();
    known.set(text, found);
    return found;
  };
  const replaced = (cluster: string): string => {
    const whole =
      cluster.length < MAX_CLUSTER_BYTES && encoder.encode(cluster).length < MAX_CLUSTER_BYTES
        ? replacementOf(cluster)
        : null;
    if (whole !== null) return whole;
    let out = '';
    for (const character of cluster) out += replacementOf(character) ?? character;
    return out;
  };
  const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));
  const keepsPlain = printable.every((character) => replacementOf(character) === null);
  return [
    (text) => {
      if (keepsPlain && /^[ -~]*$/.test(text)) return text;
      let out = '';
      for (const { segment } of segmenter.segment(text)) out += replaced(segment);
      return out;
    },
  ];
}

function readTable(value: unknown, where: string): CharacterTable | null {
  if (value === null || value === undefined || value === '') return null;
  const bytes = typeof value === 'string' ? Buffer.from(value, 'base64') : Buffer.alloc(0);
  const size = bytes.length < 4 ? Number.POSITIVE_INFINITY : bytes.readUInt32LE(0);
  if (size > bytes.length - 4 || size % 4 !== 0)
    throw badTokenizer(where, 'its table of characters ("precompiled_charsmap") is damaged');
  const trie = Uint32Array.from({ length: size / 4 }, (_, i) => bytes.readUInt32LE(4 + 4 * i));
  return { trie, replacements: Uint8Array.from(bytes.subarray(4 + size)) };
}

/** The replacement of the shortest beginning that has one, as the Rust tokenizers take it; null where none has. */
function lookUp({ trie, replacements }: CharacterTable, bytes: Uint8Array): string | null {
  const offsetOf = (unit: number) => (unit >>> 10) << ((unit & (1 << 9)) >>> 6);
  let at = offsetOf(trie[0] ?? 0);
  for (const byte of bytes) {
    if (byte === 0) return null;
    at ^= byte;
    const unit = trie[at] ?? 0;
    if ((unit & 0x800000ff) !== byte) return null;
    at ^= offsetOf(unit);
    if (((unit >>> 8) & 1) === 1) return replacementAt(replacements, (trie[at] ?? 0) & 0x7fffffff);
  }
  return null;
}

function replacementAt(replacements: Uint8Array, start: number): string {
  const end = replacements.indexOf(0, start);
  const stop = end < 0 ? replacements.length : end;
  if (stop - start > MAX_REPLACEMENT) throw new LimitReached();
  return decoder.decode(replacements.subarray(start, stop));
}
