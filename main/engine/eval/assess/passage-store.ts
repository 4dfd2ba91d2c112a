/** Texts as a token store of their own, so that they are measured as any rows are. */
import { createHash } from 'node:crypto';
import { encodeText } from '../../data/tokens/encode.ts';
import type { TokenStats } from '../../data/tokens/token-store.ts';
import { TokenStoreWriter } from '../../data/tokens/token-writer.ts';
import type { Tokenizer } from '../../data/tokens/tokenizer-types.ts';
import { Batching } from '../../train/batching.ts';
import type { MeasuredRows } from './subject.ts';

/** `texts` in packed rows of at most `tokens` tokens; longer texts are cut there. Close its store after use. */
export async function textRows(
  tokenizer: Tokenizer,
  texts: readonly string[],
  folder: string,
  tokens: number,
): Promise<MeasuredRows> {
  const writer = await TokenStoreWriter.create(folder);
  const hash = createHash('sha256');
  let longest = 2;
  for (const text of texts) {
    const { ids, labels } = encodeText(tokenizer, text);
    await writer.add(ids.slice(0, tokens), labels.slice(0, tokens));
    longest = Math.max(longest, Math.min(ids.length, tokens));
    hash.update(`${text}\n`);
  }
  const store = await writer.finish({ contentHash: hash.digest('hex'), stats: noStats(texts.length) });
  const rows = Uint32Array.from(texts, (_, i) => i);
  const rowLength = Math.ceil(longest / 32) * 32;
  const rowsPerBatch = Math.max(1, Math.floor(1024 / rowLength));
  const batching = new Batching({
    store,
    rows,
    rowLength,
    rowsPerBatch,
    pack: true,
    shuffle: false,
    seed: 0,
  });
  return { store, rows, batching };
}

function noStats(rows: number): TokenStats {
  return {
    rows,
    ...{
      tokens: 0,
      labelledTokens: 0,
      readRows: rows,
      skippedRows: 0,
      skippedMessages: [],
      truncatedRows: 0,
    },
    ...{ lostTokens: 0, lostRows: 0, unlabelledRows: 0, splitTexts: 0, splitRows: 0 },
  };
}
