/** Two texts as one, as encoders read them together: each ends, what is too long is cut as Transformers cuts it. */
import type { Tokenizer } from '../../data/tokens/tokenizer-types.ts';
import type { PairHead } from '../../models/pair-heads.ts';

export interface PairIds {
  readonly ids: readonly number[];
  /** Where tokens of the second text begin, if these are of another type; else the end. */
  readonly second: number;
}

/** At most `most` tokens, the special ones included, and `ofSecond` of the second text: the longer one loses its end first. */
export function pairIds(
  tokenizer: Tokenizer,
  { ends, hasTypes }: Pick<PairHead, 'ends' | 'hasTypes'>,
  [first, second]: readonly [string, string],
  most: number,
  ofSecond = Number.POSITIVE_INFINITY,
): PairIds {
  const whole = tokenizer.encode(first, { addSpecial: true });
  const inner = tokenizer.encode(first);
  const begin = beginOf(whole, inner);
  const [before, after] = [whole.slice(0, begin), whole.slice(begin + inner.length)];
  const other = tokenizer.encode(second).slice(0, ofSecond);
  const between = Array.from({ length: ends }, () => after).flat();
  const room = Math.max(0, most - before.length - between.length - after.length);
  const [a, b] = cut(inner.length, other.length, room);
  const begins = [...before, ...inner.slice(0, a), ...between];
  const ids = [...begins, ...other.slice(0, b), ...after];
  return { ids, second: hasTypes ? begins.length : ids.length };
}

/** Where `inner` stands in `whole`, which adds a few tokens on both sides. */
function beginOf(whole: readonly number[], inner: readonly number[]): number {
  for (let at = 0; at + inner.length <= whole.length; at++)
    if (inner.every((id, i) => whole[at + i] === id)) return at;
  return 0;
}

/** Lengths that fit into `room`, as tokenizers cut the longest first. */
function cut(first: number, second: number, room: number): [number, number] {
  if (first + second <= room) return [first, second];
  const [short, long] = first <= second ? [first, second] : [second, first];
  const half = Math.floor(room / 2);
  const [least, most] = short + short > room ? [half, room - half] : [short, Math.min(long, room - short)];
  return first <= second ? [least, most] : [most, least];
}
