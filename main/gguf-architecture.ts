/** What a GGUF file holds, out of its first bytes: tells models that read from those that write before anything is opened. */
import fs from 'node:fs/promises';

/** Programs write the architecture first and its own entries next, before lists of tokens. */
const HEAD_BYTES = 64 * 1024;
const ARCHITECTURE = 'general.architecture';
/** Types of values. */
const [NUMBER, TEXT] = [4, 8];
const LONGEST_NAME = 64;
/** llama.cpp's way to pool of a reranker. */
export const RANK_POOLING = 4;

export const isGguf = (file: string): boolean => /\.gguf$/i.test(file);

export interface GgufKind {
  readonly architecture: string;
  /** Whether it gives a score to two texts instead of a vector to one. */
  readonly ranks: boolean;
}

/** Null where `file` is no GGUF file, or doesn't say it there. */
export async function ggufKindOf(file: string): Promise<GgufKind | null> {
  if (!isGguf(file)) return null;
  const handle = await fs.open(file).catch(() => null);
  try {
    const { buffer, bytesRead } = (await handle?.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)) ?? {};
    return buffer && bytesRead ? kindIn(buffer.subarray(0, bytesRead)) : null;
  } catch {
    return null;
  } finally {
    await handle?.close();
  }
}

export const ggufArchitectureOf = async (file: string): Promise<string | null> =>
  (await ggufKindOf(file))?.architecture ?? null;

function kindIn(head: Buffer): GgufKind | null {
  if (head.toString('latin1', 0, 4) !== 'GGUF') return null;
  const name = entryOf(head, ARCHITECTURE, TEXT);
  if (name === null || name.length < 8) return null;
  const length = Number(name.readBigUInt64LE(0));
  if (length > LONGEST_NAME || name.length < 8 + length) return null;
  const architecture = name.toString('utf8', 8, 8 + length);
  const pooling = entryOf(head, `${architecture}.pooling_type`, NUMBER);
  return {
    architecture,
    ranks: pooling !== null && pooling.length >= 4 && pooling.readUInt32LE(0) === RANK_POOLING,
  };
}

/** What follows a key and the type of its value; null where it has none of that type. */
function entryOf(head: Buffer, key: string, type: number): Buffer | null {
  const at = head.indexOf(key);
  const end = at + Buffer.byteLength(key);
  if (at < 0 || head.length < end + 4 || head.readUInt32LE(end) !== type) return null;
  return head.subarray(end + 4);
}
