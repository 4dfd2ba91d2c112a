/** A model that answers some routes alone, such as a sorter or a reranker: all else is refused by name. */
import type { Speaker } from './speaker.ts';
import type { OnlyRoutes, Voice } from './speech.ts';

export function singlePurpose(
  only: OnlyRoutes,
  about: Pick<Speaker, 'architecture' | 'weights' | 'contextSize' | 'close'>,
): Voice & { readonly only: OnlyRoutes } {
  const refuse = (): never => {
    throw only.refusal();
  };
  const refuseLater = async () => refuse();
  return {
    only,
    speaker: {
      ...about,
      writes: false,
      embeddingSize: 0,
      speak: refuseLater,
      score: refuseLater,
      grammar: refuseLater,
      embed: refuseLater,
      endsAnswers: () => false,
    },
    tokenizer: {
      vocabSize: 0,
      longestToken: 0,
      stopIds: [],
      chat: null,
      special: { bos: null, eos: null, pad: null, unk: null },
      encode: refuse,
      decode: refuse,
      idOf: () => undefined,
    },
  };
}
