/** The words of TensorFlow's library and its pack. */

import { bytes } from '../../../common/words/format.ts';
import english from '../../../words/en/pages/tensorflow.json' with { type: 'json' };
import { texts } from '../../text/texts.ts';

export const { tensorFlowText } = texts('tensorflow', english, {
  tensorFlowText: { pack: { removed: (freed: number) => ({ freed: bytes(freed) }) } },
});
