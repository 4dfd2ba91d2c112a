/** The encoders that a command is told, or the smallest that is here, and the reranker. */
import path from 'node:path';
import type { FindEncoder } from '../../../common/extras/find/calls.ts';
import type { Arguments, Flag } from '../../cli/arguments.ts';
import { badUsage } from '../../cli/arguments.ts';
import { encoderIn } from '../../hub/local.ts';
import type { EngineCalls } from '../../runs/engine-calls.ts';
import type { Reranker } from './asking.ts';

export const ENCODER_FLAG: Flag = {
  name: 'encoder',
  group: 'Finding',
  about: 'folder or GGUF file of an encoder that reads; can be repeated, to compare two',
  value: 'PATH',
  fallback: 'the smallest on this computer',
  repeats: true,
  alsoCalled: ['model', 'embedding-model', 'embedder'],
};

/** Throws where one that is named is none. */
export async function chosenEncoders(
  { values }: Pick<Arguments, 'values'>,
  engine: Pick<EngineCalls, 'encoders'>,
): Promise<readonly Pick<FindEncoder, 'name' | 'path'>[]> {
  const given = [(values.get('encoder') ?? []) as string | readonly string[]].flat();
  if (given.length === 0) return (await engine.encoders()).slice(0, 1);
  for (const one of given)
    if ((await encoderIn(path.resolve(one))) !== 'known')
      throw badUsage(
        `${one} is not an encoder that Fettle computes.`,
        'Name a BERT, RoBERTa or ModernBERT model: a GGUF file, or a folder with config.json, tokenizer.json and safetensors files.',
      );
  return given.map((one) => ({ name: path.basename(path.resolve(one)), path: path.resolve(one) }));
}

export const RERANKER_FLAG: Flag = {
  name: 'reranker',
  group: 'Finding',
  about: 'a reranker, which reads the best passages again, together with the question',
  value: 'PATH',
  alsoCalled: ['rerank', 'cross-encoder'],
};

/** Throws where what is named is none. */
export async function chosenReranker({ values }: Pick<Arguments, 'values'>): Promise<Reranker | undefined> {
  const given = values.get('reranker') as string | undefined;
  if (given === undefined) return undefined;
  const folder = path.resolve(given);
  if ((await encoderIn(folder)) === 'scores') return { name: path.basename(folder), path: folder };
  throw badUsage(
    `${given} is not a reranker that Fettle computes.`,
    'Train one with `fettle reranker`, or name a BERT, RoBERTa or ModernBERT model with a head of one score: a folder or a GGUF file.',
  );
}
