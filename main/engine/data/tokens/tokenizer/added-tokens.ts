/**
 * Finds added tokens (`<|im_end|>`, …) by the rules of the Rust tokenizers: leftmost, then longest, `single_word`, `lstrip`, `rstrip`.
 * The library ignores `single_word` and trims with JavaScript's idea of white space.
 */
import type { AddedToken } from './definition.ts';

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
