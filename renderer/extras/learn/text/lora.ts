/** The page about LoRA and QLoRA, and the words of its figures. */
import { bytes, percent } from '../../../../common/words/format.ts';
import english from '../../../../words/en/pages/learn-lora.json' with { type: 'json' };
import { texts } from '../../../text/texts.ts';
import type { LearnPage } from './page.ts';

const words = texts('learn-lora', english, {
  loraWords: {
    share: (adapter: number, matrix: number) => ({
      adapter,
      matrix,
      percentAdapter: percent(adapter / matrix, 2),
    }),
    methodsNote: (trained: number) => ({ trained, bytesTrained: bytes(4 * trained) }),
  },
});

export const lora = words.lora as LearnPage;
export const { loraWords, pictureWords } = words;
