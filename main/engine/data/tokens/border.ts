/**
 * Where a prompt ends and its answer begins, as tokens: one rule for training and for all that asks. White space that a tokenizer joins
 * with the word behind it belongs to the answer, and so does a token that reaches across the border.
 */
import type { Tokenizer } from './tokenizer-types.ts';

/** A prompt's last character with the white space behind it; no tokenizer joins more of that with a word. */
const END = /\S\s{1,32}$/u;
/** How answers begin: tokenizers join white space with some and not with others. */
const BEGINNINGS = [...'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ1"({[-äé中я'];
const MOST_KNOWN = 1000;

/** For ends of prompts, how much of their white space each tokenizer keeps apart from the next word. */
const known = new WeakMap<Tokenizer, Map<string, number>>();

/** The length of the part of `prompt` whose tokens are the same whatever word follows; the rest is white space of the answer. */
export function promptEnd(tokenizer: Tokenizer, prompt: string): number {
  const end = END.exec(prompt.slice(-34))?.[0];
  if (end === undefined) return prompt.length;
  const ends = known.get(tokenizer) ?? new Map<string, number>();
  known.set(tokenizer, ends);
  const apart = ends.get(end) ?? keptApart(tokenizer, end);
  if (ends.size < MOST_KNOWN) ends.set(end, apart);
  return prompt.length - end.length + apart;
}

function keptApart(tokenizer: Tokenizer, end: string): number {
  const shortest = end.trimEnd().length;
  const followed = BEGINNINGS.map((beginning) => tokenizer.encode(end + beginning));
  for (let length = end.length; length > shortest; length--) {
    const ids = tokenizer.encode(end.slice(0, length));
    if (followed.every((whole) => isStartOf(ids, whole))) return length;
  }
  return shortest;
}

/** A prompt as a model reads it, and the white space at its end that the answer begins with. */
export interface AskedPrompt {
  readonly ids: number[];
  readonly space: string;
}

/** `text` as a prompt; with `addSpecial` the tokens that the model's texts begin with are added. */
export function asPrompt(
  tokenizer: Tokenizer,
  text: string,
  options?: { addSpecial?: boolean },
): AskedPrompt {
  const end = promptEnd(tokenizer, text);
  return { ids: tokenizer.encode(text.slice(0, end), options), space: text.slice(end) };
}

/** Takes `space` from the beginning of a text that comes in parts: what a prompt ended with is not said again. */
export function withoutSpace(space: string): (part: string) => string {
  let left = space;
  return (part) => {
    let same = 0;
    while (same < part.length && same < left.length && part[same] === left[same]) same++;
    const ended = same < part.length;
    left = ended ? '' : left.slice(same);
    return part.slice(same);
  };
}

/** An offset into a text: where an answer begins, or where it ends. */
export interface Cut {
  readonly at: number;
  readonly begins: boolean;
}

interface Bounds {
  /** For each cut the index of the first token behind it; a token that reaches across one is the answer's. */
  readonly tokens: readonly number[];
  /** Whether a token holds the end of a prompt and the beginning of its answer. */
  readonly joins: boolean;
}

/**
 * Where ascending `cuts` lie among `ids`, the tokens of `text`. Tokenising the pieces separately tells it where they join up to `ids`,
 * which they do wherever the cuts lie beside special tokens.
 */
export function tokenBounds(
  tokenizer: Tokenizer,
  text: string,
  ids: readonly number[],
  cuts: readonly Cut[],
): Bounds {
  const tokens: number[] = [];
  let count = 0;
  let from = 0;
  for (const { at } of [...cuts, { at: text.length }]) {
    const piece = tokenizer.encode(text.slice(from, at));
    if (!piece.every((id, i) => ids[count + i] === id)) return eachBound(tokenizer, text, ids, cuts);
    count += piece.length;
    tokens.push(count);
    from = at;
  }
  return count === ids.length
    ? { tokens: tokens.slice(0, -1), joins: false }
    : eachBound(tokenizer, text, ids, cuts);
}

function eachBound(tokenizer: Tokenizer, text: string, ids: readonly number[], cuts: readonly Cut[]): Bounds {
  let joins = false;
  const tokens = cuts.map(({ at, begins }) => {
    const head = tokenizer.encode(text.slice(0, at));
    if (isStartOf(head, ids)) return head.length;
    if (begins) {
      joins = true;
      return head.findIndex((id, i) => ids[i] !== id);
    }
    const rest = tokenizer.encode(text.slice(at));
    let shared = 0;
    while (shared < rest.length && shared < ids.length && rest.at(-1 - shared) === ids.at(-1 - shared))
      shared++;
    return ids.length - shared;
  });
  return { tokens, joins };
}

function isStartOf(ids: readonly number[], whole: readonly number[]): boolean {
  return ids.length <= whole.length && ids.every((id, i) => whole[i] === id);
}
