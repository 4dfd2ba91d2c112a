/** The architecture that a GGUF file names, out of its first bytes: tells a model that reads from one that writes before anything is opened. */
import fs from 'node:fs/promises';

/** Programs write the architecture first, or behind a few short entries. */
const HEAD_BYTES = 4096;
const KEY = Buffer.from('general.architecture');
/** Of the types of values, that of a text. */
const TEXT = 8;
const LONGEST_NAME = 64;

export const isGguf = (file: string): boolean => /\.gguf$/i.test(file);

/** Null where `file` is no GGUF file, or doesn't say it there. */
export async function ggufArchitectureOf(file: string): Promise<string | null> {
  if (!isGguf(file)) return null;
  const handle = await fs.open(file).catch(() => null);
  try {
    const { buffer, bytesRead } = (await handle?.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0)) ?? {};
    return buffer && bytesRead ? architectureIn(buffer.subarray(0, bytesRead)) : null;
  } catch {
    return null;
  } finally {
    await handle?.close();
  }
}

function architectureIn(head: Buffer): string | null {
  const key = head.indexOf(KEY);
  const at = key + KEY.length;
  if (head.toString('latin1', 0, 4) !== 'GGUF' || key < 0 || head.length < at + 12) return null;
  const length = Number(head.readBigUInt64LE(at + 4));
  if (head.readUInt32LE(at) !== TEXT || length > LONGEST_NAME || head.length < at + 12 + length) return null;
  return head.toString('utf8', at + 12, at + 12 + length);
}
