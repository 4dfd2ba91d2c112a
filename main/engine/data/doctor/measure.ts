/** How many tokens a row has: counted where a model's tokenizer is there, else estimated from its characters. */
import type { LooseRow } from '../rows/loose-row.ts';
import { strictRow, type TrainingRow } from '../rows/schema.ts';
import type { EncodedRow } from '../tokens/tokenizer-types.ts';

/** How long a row is. */
export interface RowMeasure {
  readonly tokens: number;
  readonly characters: number;
  /** Whether an answer reaches beyond the length limit. */
  readonly isCut: boolean;
}

export type Measure = (row: LooseRow) => RowMeasure;

/** Characters a token by the kind of script, as the tokenizers of current models have them on running text. */
const CHARS_PER_TOKEN = { latin: 4, unspaced: 1.5, other: 2.5 } as const;
/** What a chat template puts around a turn. */
const TEMPLATE_TOKENS = 5;
const UNSPACED = /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]/g;
/** All but Latin letters, punctuation and what ASCII has. */
const BEYOND_LATIN = /[\u0250-\u1fff\u2070-\uffff]/g;

/** Measures with `encode` (as training encodes rows) where it is given; a row that it refuses is estimated. */
export function rowMeasure(maxLength: number, encode?: (row: TrainingRow) => EncodedRow): Measure {
  return (row) => {
    const characters = row.turns.reduce((sum, { content }) => sum + content.length, 0);
    const tokens = (encode && countTokens(row, encode)) ?? estimateTokens(row);
    return { tokens, characters, isCut: row.kind !== 'text' && tokens > maxLength };
  };
}

function countTokens(row: LooseRow, encode: (row: TrainingRow) => EncodedRow): number | null {
  try {
    return encode(strictRow(row, '')).ids.length;
  } catch {
    // other checks say what is wrong with the row
    return null;
  }
}

/** Tokens of the row as a usual tokenizer would make them. */
function estimateTokens({ kind, turns }: LooseRow): number {
  const texts = turns.reduce((sum, { content }) => sum + estimateText(content), 0);
  return Math.ceil(texts) + (kind === 'text' ? 0 : TEMPLATE_TOKENS * turns.length);
}

function estimateText(text: string): number {
  const beyond = text.match(BEYOND_LATIN)?.length ?? 0;
  const unspaced = beyond === 0 ? 0 : (text.match(UNSPACED)?.length ?? 0);
  const { latin, unspaced: perUnspaced, other } = CHARS_PER_TOKEN;
  return (text.length - beyond) / latin + unspaced / perUnspaced + (beyond - unspaced) / other;
}
