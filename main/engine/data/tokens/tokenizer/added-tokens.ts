/**
 * Special tokens: found in a text by the rules of the Rust tokenizers (leftmost, then longest, `single_word`, `lstrip`, `rstrip`), which
 * the library does not keep to, and put before and after it.
 */
import { isRecord } from '../../../../../common/values.ts';
import { type AddedToken, badTokenizer, entryOf, isTokenId, type StageConfig } from './definition.ts';

/** A stretch of text: an added token with its id, or text to tokenise (`id` null). `start` is its UTF-16 offset. */
export interface Section {
  readonly text: string;
  readonly id: number | null;
  readonly start: number;
}

interface TrieNode {
  readonly next: Map<number, TrieNode>;
  token: AddedToken | null;
}

const WORD_END = /[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}]$/u;
const WORD_START = /^[\p{Alphabetic}\p{M}\p{Nd}\p{Pc}]/u;
const SPACE = /^\p{White_Space}$/u;

/** A function that splits a text at the given tokens; `spelling` gives the text under which each one is looked for. */
export function addedTokenSplitter(
  tokens: readonly AddedToken[],
  spelling: (token: AddedToken) => string = (token) => token.content,
): (text: string) => Section[] {
  const root = buildTrie(tokens, spelling);
  if (root.next.size === 0) return (text) => (text === '' ? [] : [{ text, id: null, start: 0 }]);
  return (text) => split(text, root);
}

function buildTrie(tokens: readonly AddedToken[], spelling: (token: AddedToken) => string): TrieNode {
  const root: TrieNode = { next: new Map(), token: null };
  for (const token of tokens) {
    let node = root;
    const word = spelling(token);
    if (word === '') continue;
    for (let i = 0; i < word.length; i++) {
      const code = word.charCodeAt(i);
      let child = node.next.get(code);
      if (child === undefined) {
        child = { next: new Map(), token: null };
        node.next.set(code, child);
      }
      node = child;
    }
    node.token ??= token;
  }
  return root;
}

function split(text: string, root: TrieNode): Section[] {
  const sections: Section[] = [];
  let done = 0;
  let at = 0;
  while (at < text.length) {
    const match = longestMatch(text, at, root);
    if (match === null) {
      at++;
      continue;
    }
    const { token, end } = match;
    if (!token.singleWord || standsAlone(text, at, end)) {
      const start = token.lstrip ? spaceStart(text, at, done) : at;
      const stop = token.rstrip ? spaceEnd(text, end) : end;
      if (start > done) sections.push({ text: text.slice(done, start), id: null, start: done });
      sections.push({ text: token.content, id: token.id, start });
      done = stop;
    }
    at = Math.max(end, done);
  }
  if (done < text.length) sections.push({ text: text.slice(done), id: null, start: done });
  return sections;
}

function longestMatch(text: string, at: number, root: TrieNode): { token: AddedToken; end: number } | null {
  let found: { token: AddedToken; end: number } | null = null;
  let node: TrieNode | undefined = root;
  for (let i = at; i < text.length; i++) {
    node = node.next.get(text.charCodeAt(i));
    if (node === undefined) break;
    if (node.token !== null) found = { token: node.token, end: i + 1 };
  }
  return found;
}

function standsAlone(text: string, start: number, end: number): boolean {
  return (
    !WORD_END.test(text.slice(Math.max(0, start - 2), start)) && !WORD_START.test(text.slice(end, end + 2))
  );
}

function spaceStart(text: string, at: number, from: number): number {
  let start = at;
  while (start > from && SPACE.test(text.charAt(start - 1))) start--;
  return start;
}

function spaceEnd(text: string, at: number): number {
  let end = at;
  while (end < text.length && SPACE.test(text.charAt(end))) end++;
  return end;
}

interface Affixes {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** Real ones have one or two; each is added to every text. */
const MAX_IDS = 100;

export const NO_AFFIXES: Affixes = { before: [], after: [] };

/** Reads tokenizer.json's `post_processor`. Throws AppError for one it does not know. */
export function affixesOf(config: StageConfig | null, where: string): Affixes {
  if (config === null) return NO_AFFIXES;
  const read = entryOf(PROCESSORS, config.type);
  if (read === undefined)
    throw badTokenizer(where, `it has a post-processor "${config.type}", which Fettle does not know`);
  const affixes = read(config, where);
  if (affixes.before.length + affixes.after.length > MAX_IDS)
    throw badTokenizer(where, `its post-processor adds more than ${MAX_IDS} tokens to every text`);
  return affixes;
}

const PROCESSORS: Readonly<Record<string, (config: StageConfig, where: string) => Affixes>> = {
  ByteLevel: () => NO_AFFIXES,
  Sequence: (config, where) => {
    const parts = Array.isArray(config.processors) ? config.processors : [];
    // Each processor wraps what the one before it made.
    return parts.reduce<Affixes>((inner, part: unknown) => {
      if (!isRecord(part) || typeof part.type !== 'string')
        throw badTokenizer(where, 'a post-processor has no type');
      const outer = affixesOf(part as StageConfig, where);
      return { before: [...outer.before, ...inner.before], after: [...inner.after, ...outer.after] };
    }, NO_AFFIXES);
  },
  TemplateProcessing: template,
  BertProcessing: (config, where) => ({
    before: [pairId(config.cls, where)],
    after: [pairId(config.sep, where)],
  }),
  RobertaProcessing: (config, where) => ({
    before: [pairId(config.cls, where)],
    after: [pairId(config.sep, where)],
  }),
};

function template(config: StageConfig, where: string): Affixes {
  const items = config.single;
  if (!Array.isArray(items))
    throw badTokenizer(where, 'its post-processor has no template for a single text');
  const before: number[] = [];
  const after: number[] = [];
  let side = before;
  for (const item of items as unknown[]) {
    if (!isRecord(item)) throw badTokenizer(where, 'its post-processor template is malformed');
    if ('Sequence' in item) side = after;
    else for (const id of specialIds(item.SpecialToken, config.special_tokens, where)) side.push(id);
  }
  return { before, after };
}

function specialIds(item: unknown, table: unknown, where: string): number[] {
  const name = isRecord(item) ? item.id : undefined;
  const entry =
    isRecord(table) && typeof name === 'string' && Object.hasOwn(table, name) ? table[name] : undefined;
  const ids: unknown = isRecord(entry) ? entry.ids : undefined;
  if (!Array.isArray(ids) || !ids.every(isTokenId)) {
    throw badTokenizer(
      where,
      `its post-processor names ${JSON.stringify(name) ?? 'nothing'} without giving its id`,
    );
  }
  return ids;
}

function pairId(value: unknown, where: string): number {
  if (Array.isArray(value) && isTokenId(value[1])) return value[1];
  throw badTokenizer(where, 'its post-processor names a token without giving its id');
}
