/**
 * Text of a generation while it is being generated. One token need not be whole characters, and the first token of a
 * text may lose its space, so each step decodes a short window of tokens twice, with and without the new one, and the
 * difference is what can be shown.
 */
import type { Tokenizer } from '../tokenizer-types.ts';

export interface TextStream {
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
