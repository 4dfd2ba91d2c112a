/**
 * Fast hashes of texts. 64 bits tell a million texts apart with a chance of about 3 in 100 million that any two meet;
 * cryptographic ones would cost more than everything else that the doctor does to a row.
 */

/** MurmurHash3's 32-bit finaliser (Appleby): every input bit moves every output bit. */
export function mix32(value: number): number {
  let h = value;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** Two independent words of 32 bits; never both 0, which stands for "no text". */
export interface Hash64 {
  readonly low: number;
  readonly high: number;
}

export const NO_HASH: Hash64 = { low: 0, high: 0 };

/** The hash of the UTF-16 units of `text`. */
export function hash64(text: string): Hash64 {
  let low = 0x811c9dc5 ^ text.length;
  let high = 0x9e3779b9;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    low = Math.imul(low ^ unit, 0x01000193);
    high = Math.imul((high ^ unit) + (high << 7), 0x85ebca6b) ^ (high >>> 15);
  }
  return { low: mix32(low ^ (high >>> 9)) || 1, high: mix32(high) };
}

/** The hash of `text` in one word, for where a collision costs nothing. */
export function hash32(text: string): number {
  const { low, high } = hash64(text);
  return mix32(low ^ high);
}
