/** The encoder or the reranker that a person names. */
import { AppError } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import { noReranker } from '../../eval/vectors/reranker.ts';
import { encoderIn, type FoundEncoder, rerankerIn } from '../../load/find-encoders.ts';

/** Throws an AppError where there is no encoder that Fettle computes. */
export async function requireEncoder(folder: string): Promise<FoundEncoder> {
  const found = await encoderIn(folder);
  if (found) return found;
  if (await rerankerIn(folder))
    throw new AppError(
      'no-encoder',
      say`${folder} is a reranker, which gives scores instead of vectors.`,
      say`Choose an encoder that makes vectors. A reranker orders what such an encoder finds.`,
    );
  throw notKnown(folder);
}

/** The same of what a reranker can be made of: an encoder, or a reranker that learns more. */
export async function requireReader(
  folder: string,
): Promise<FoundEncoder & { readonly isReranker: boolean }> {
  const [encoder, reranker] = [await encoderIn(folder), await rerankerIn(folder)];
  const found = encoder ?? reranker;
  if (!found) throw notKnown(folder);
  return { ...found, isReranker: reranker !== null };
}

/** Throws an AppError where there is no reranker. */
export async function requireReranker(folder: string): Promise<FoundEncoder> {
  const found = await rerankerIn(folder);
  if (found) return found;
  throw noReranker(folder);
}

function notKnown(folder: string): AppError {
  return new AppError(
    'no-encoder',
    say`${folder} is not an encoder that Fettle computes.`,
    say`Choose a BERT, RoBERTa or ModernBERT model: a GGUF file, or a folder with config.json, tokenizer.json and safetensors files.`,
  );
}
