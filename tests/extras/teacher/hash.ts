import { createHash } from 'node:crypto';

/** A number below 2^32 that looks random and is the same each time. */
export const hash32 = (text: string): number => createHash('sha256').update(text).digest().readUInt32LE(0);
