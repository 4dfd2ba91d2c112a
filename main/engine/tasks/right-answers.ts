/** Right answers: the loss of the next token, of what a row teaches. */
import type { Batch } from '../data/batches/batch.ts';
import type { ThinkingUse } from '../data/tokens/conversation.ts';
import { rowEncoder, type TrainOn } from '../data/tokens/encode.ts';
import { requireAnswers } from '../models/sorting.ts';
import { headLoss } from '../nn/loss.ts';
import { addLosses, batchFeeds } from './feeds.ts';
import type { Outputs, Tally, Task } from './task.ts';

export const rightAnswers = (trainOn: TrainOn, thinking?: ThinkingUse): Task => ({
  name: 'next-token',
  samples: 'rows',
  needsReference: false,
  encoder: (tokenizer, model) => {
    requireAnswers(model);
    return rowEncoder(tokenizer, trainOn, undefined, thinking);
  },
  encoderSource: ({ path, added }) => ({
    tokenizer: path,
    newTokens: added?.texts ?? [],
    trainOn,
    ...(thinking && { thinking }),
  }),
  feeds: batchFeeds,
  loss: headLoss,
  countOf: ({ labelledCount }) => labelledCount,
  tally: () => new TokenTally(),
});

class TokenTally implements Tally {
  readonly samples = { losses: [] as number[], counts: [] as number[] };
  #nll = 0;
  #labels = 0;

  add(batch: Batch, outputs: Outputs): void {
    const nll = outputs.nll!;
    const { rows, rowLength, segments, labelledCount } = batch;
    this.#nll = addLosses(this.#nll, nll, labelledCount);
    this.#labels += labelledCount;
    const { losses, counts } = this.samples;
    let [last, at] = [-1, losses.length - 1];
    for (let i = 0; i < labelledCount; i++) {
      // labels ascend, so a sample is what lies in one segment of one row
      const position = rows[i]!;
      const here = Math.floor(position / rowLength) * rowLength + segments[position]!;
      if (here !== last) at = losses.push(0) - 1;
      last = here;
      losses[at]! += nll[i]!;
      counts[at] = (counts[at] ?? 0) + 1;
    }
  }

  get figures() {
    const loss = this.#nll / this.#labels;
    return { loss, perplexity: Math.exp(loss) };
  }
}
