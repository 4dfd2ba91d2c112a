/** Technical words in the calculators' labels. */
import { expect, it } from 'vitest';
import { memoryWords, timeWords } from '../../../renderer/extras/learn/text.ts';
import { entryOf } from '../../../renderer/text/glossary.ts';

it('lead to the glossary', () => {
  const { optimizer, rank, targets, batch, length, recompute, masterWeights, model } = memoryWords;
  const labels = [optimizer, rank, targets, batch, length, recompute, masterWeights, model];
  for (const label of [...labels, timeWords.epochs, timeWords.utilisation, timeWords.rows])
    expect(entryOf(label), label).not.toBeNull();
});
