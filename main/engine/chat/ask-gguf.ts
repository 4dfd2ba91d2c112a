/** One question to a GGUF file as somebody else's program would ask it: in llama.cpp, with the file's own template. */
import { encodePrompt } from '../data/tokens/encode.ts';
import { openModel } from '../load/open-model.ts';
import { tokenizerOf } from '../load/tokenizer.ts';
import { openLlama } from './llama.ts';

export interface GgufQuestion {
  readonly file: string;
  /** What the rows that the model was trained on begin with, if they do. */
  readonly system?: string | undefined;
  readonly prompt: string;
  readonly threads: number;
  readonly maxNewTokens: number;
}

/** The greedy answer of the model in `file`, computed by llama.cpp; throws like `openLlama`. */
export async function askGguf({
  file,
  system,
  prompt,
  threads,
  maxNewTokens,
}: GgufQuestion): Promise<string> {
  const opened = await openModel(file);
  const tokenizer = await tokenizerOf(opened).finally(() => opened.store.close());
  const told = system === undefined ? [] : [{ role: 'system' as const, content: system }];
  const ids = encodePrompt(tokenizer, [...told, { role: 'user', content: prompt }]);
  const contextSize = ids.length + maxNewTokens;
  const llama = await openLlama({ file, threads, contextSize, stopIds: tokenizer.stopIds });
  try {
    const answer: number[] = [];
    for await (const { id } of llama.steps(ids, maxNewTokens)) {
      if (tokenizer.stopIds.includes(id)) break;
      answer.push(id);
    }
    return tokenizer.decode(answer);
  } finally {
    await llama.close();
  }
}
