/**
 * Cuts text into the pieces that byte-pair encoding may not merge across. The library translates the patterns; the cutting is done here,
 * because it knows two of five split behaviours, has JavaScript's `\s` and `\d`, and ignores U+2581 for `Metaspace`.
 */
import { isRecord } from '../../../../../common/values.ts';
import { badTokenizer, checkGrowth, contentOf, entryOf, type StageConfig, stagesIn } from './definition.ts';
import { SplitPreTokenizer, toByteAlphabet } from './library.ts';

/** Cuts one section; `first` says that the section starts the text. */
type PreTokenize = (text: string, first: boolean) => readonly string[];

interface PreTokenizer {
  readonly cut: PreTokenize;
  /** True when the pieces still have to be spelled in the byte alphabet. */
  readonly byteLevel: boolean;
}

type Step = (pieces: readonly string[], first: boolean) => readonly string[];

/** GPT-2's pattern, which `ByteLevel` applies on its own. */
export const GPT2_PATTERN =
  "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

const PUNCTUATION = '[\\p{P}!-/:-@\\[-`{-~]';

const BYTES: Step = (pieces) => pieces.map(toByteAlphabet);

/**
 * Builds the cutting stage from tokenizer.json's `pre_tokenizer`. Throws AppError for a stage it does not know; the stage throws like
 * `checkGrowth`.
 */
export function createPreTokenizer(config: StageConfig | null, where: string): PreTokenizer {
  const steps = config === null ? [] : stepsOf(config, where);
  // The byte alphabet is left to the caller's word cache when it comes last, as it nearly always does.
  const byteLevel = steps.at(-1) === BYTES;
  if (byteLevel) steps.pop();
  const cut: PreTokenize = (text, first) => {
    let pieces: readonly string[] = [text];
    steps.forEach((step, i) => {
      if (i > 0) checkGrowth(text.length, pieces);
      pieces = step(pieces, first);
    });
    return pieces;
  };
  return { cut, byteLevel };
}

function stepsOf(config: StageConfig, where: string): Step[] {
  const make = entryOf(STAGES, config.type);
  if (make === undefined)
    throw badTokenizer(where, `it has a pre-tokenizer "${config.type}", which Fettle does not know`);
  return make(config, where);
}

const STAGES: Readonly<Record<string, (config: StageConfig, where: string) => Step[]>> = {
  Sequence: (config, where) =>
    stagesIn(config, 'pretokenizers', 'pre-tokenizer', where).flatMap((part) => stepsOf(part, where)),
  ByteLevel: (config, where) => [
    ...(config.add_prefix_space === true ? [prefixSpace] : []),
    ...(config.use_regex === false ? [] : [splitStep({ Regex: GPT2_PATTERN }, 'Isolated', false, where)]),
    BYTES,
  ],
  Split: (config, where) => [
    splitStep(config.pattern, String(config.behavior ?? 'Isolated'), config.invert === true, where),
  ],
  Digits: (config, where) => [
    splitStep({ Regex: config.individual_digits === true ? '\\p{N}' : '\\p{N}+' }, 'Isolated', false, where),
  ],
  Whitespace: (_config, where) => [splitStep({ Regex: '\\w+|[^\\w\\s]+' }, 'Removed', true, where)],
  WhitespaceSplit: (_config, where) => [splitStep({ Regex: '\\s+' }, 'Removed', false, where)],
  Punctuation: (config, where) => [
    splitStep({ Regex: PUNCTUATION }, String(config.behavior ?? 'Isolated'), false, where),
  ],
  BertPreTokenizer: (_config, where) => [
    splitStep({ Regex: '\\s+' }, 'Removed', false, where),
    splitStep({ Regex: PUNCTUATION }, 'Isolated', false, where),
  ],
  Metaspace: (config, where) => metaspace(config, where),
};

const prefixSpace: Step = (pieces) => pieces.map((piece) => (piece.startsWith(' ') ? piece : ` ${piece}`));

function metaspace(config: StageConfig, where: string): Step[] {
  const mark = contentOf(config, 'replacement', '\u2581', where);
  const scheme = config.prepend_scheme ?? (config.add_prefix_space === false ? 'never' : 'always');
  const mark1: Step = (pieces, first) =>
    pieces.map((piece) => {
      const marked = piece.replaceAll(' ', mark);
      const prepend = !marked.startsWith(mark) && (scheme === 'always' || (scheme === 'first' && first));
      return prepend ? mark + marked : marked;
    });
  return config.split === false
    ? [mark1]
    : [mark1, splitStep({ String: mark }, 'MergedWithNext', false, where)];
}

function splitStep(pattern: unknown, behavior: string, invert: boolean, where: string): Step {
  const regex = compile(pattern, where);
  const join = entryOf(JOINS, behavior.toLowerCase());
  if (join === undefined) throw badTokenizer(where, `it has an unknown split behaviour "${behavior}"`);
  return (pieces) =>
    pieces.flatMap((piece) =>
      join === isolated ? cutAll(piece, regex) : join(flagged(piece, regex, invert)),
    );
}

/** Compiles `{Regex}` or `{String}` as tokenizer.json writes them into a global JavaScript expression. */
export function compile(pattern: unknown, where: string): RegExp {
  const valid =
    isRecord(pattern) && (typeof pattern.Regex === 'string' || typeof pattern.String === 'string');
  if (!valid) throw badTokenizer(where, 'a split has no pattern');
  try {
    const split = new SplitPreTokenizer({ type: 'Split', pattern, behavior: 'Isolated', invert: false });
    if (split.pattern !== null) return withLongS(split.pattern, pattern.Regex);
  } catch (cause) {
    throw badTokenizer(where, `its pattern ${JSON.stringify(pattern)} is not understood`, { cause });
  }
  throw badTokenizer(where, `its pattern ${JSON.stringify(pattern)} is not understood`);
}

/** The library spells `(?i:s)` as `[sS]`; where case is folded, the long s (U+017F) is an s, too. */
function withLongS(compiled: RegExp, source: unknown): RegExp {
  if (typeof source !== 'string' || !source.includes('(?i:') || longS(source) !== source) return compiled;
  return new RegExp(longS(compiled.source), compiled.flags);
}

const longS = (source: string): string =>
  source.replace(/\[([^\][\\^]+)\]/g, (all, chars: string) =>
    chars.includes('s') && chars.includes('S') ? `[${chars}\u017f]` : all,
  );

interface Flagged {
  readonly text: string;
  readonly match: boolean;
}

/** Matches and what lies between them. `String.match` is several times faster than iterating, so it goes first. */
function cutAll(text: string, regex: RegExp): readonly string[] {
  const matches: readonly string[] = text.match(regex) ?? [];
  let covered = 0;
  for (const match of matches) covered += match.length;
  if (covered === text.length && !matches.includes('')) return matches;
  return isolated(flagged(text, regex, false));
}

function flagged(text: string, regex: RegExp, invert: boolean): Flagged[] {
  const pieces: Flagged[] = [];
  let done = 0;
  for (const found of text.matchAll(regex)) {
    if (found[0] === '') continue;
    if (found.index > done) pieces.push({ text: text.slice(done, found.index), match: invert });
    pieces.push({ text: found[0], match: !invert });
    done = found.index + found[0].length;
  }
  if (done < text.length) pieces.push({ text: text.slice(done), match: invert });
  return pieces;
}

const isolated = (pieces: readonly Flagged[]): string[] => pieces.map((piece) => piece.text);

const JOINS: Readonly<Record<string, (pieces: readonly Flagged[]) => string[]>> = {
  isolated,
  removed: (pieces) => pieces.filter((piece) => !piece.match).map((piece) => piece.text),
  contiguous: (pieces) => fuse(pieces, (piece, before) => piece.match === before.match),
  mergedwithprevious: (pieces) => fuse(pieces, (piece, before) => piece.match && !before.match),
  mergedwithnext: (pieces) => fuse(pieces, (piece, before) => before.match && !piece.match),
};

/** Joins each piece to the one before where `joins` says so. */
function fuse(pieces: readonly Flagged[], joins: (piece: Flagged, before: Flagged) => boolean): string[] {
  const out: string[] = [];
  pieces.forEach((piece, i) => {
    const before = pieces[i - 1];
    if (before !== undefined && joins(piece, before)) out[out.length - 1] += piece.text;
    else out.push(piece.text);
  });
  return out;
}
