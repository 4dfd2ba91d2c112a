/** Texts and their categories: cross-entropy of a head with a row for each category, on the hidden state of a text's last token. */
import { AppError, internal } from '../../../common/errors.ts';
import type { LooseRow } from '../../rows/loose-row.ts';
import { readAllRows, readingOf } from '../../rows/read-rows.ts';
import { strictRow } from '../../rows/schema.ts';
import type { Batch } from '../data/batches/batch.ts';
import { categoryEncoder, sortedRow } from '../data/tokens/encode-category.ts';
import type { Model } from '../models/model.ts';
import { MOST_CATEGORIES, requireCategories } from '../models/sorting.ts';
import { headLoss } from '../nn/loss.ts';
import { logits } from '../nn/table.ts';
import { addLosses, batchFeeds } from './feeds.ts';
import type { CategoryRows, Outputs, Tally, Task } from './task.ts';

/** The different categories of the rows of a run, sorted; broken rows are told of when they are trained on. */
async function categoriesIn(config: CategoryRows, stop: AbortSignal): Promise<readonly string[]> {
  const found = new Set<string>();
  const files = [config.data, config.evalData ?? []].flat();
  for await (const placed of readAllRows(files, { ...readingOf(config), signal: stop })) {
    const category = placed.error ? null : categoryOf(placed.row, placed.where);
    if (category !== null) found.add(category);
    if (found.size > MOST_CATEGORIES) break;
  }
  const categories = [...found].sort();
  requireCategories(categories);
  return categories;
}

function categoryOf(row: LooseRow, where: string): string | null {
  try {
    return sortedRow(strictRow(row, where)).category;
  } catch (error) {
    if (error instanceof AppError) return null;
    throw error;
  }
}

export const sortTexts: Task = {
  name: 'sort',
  samples: 'sorted',
  needsReference: false,
  categoriesIn,
  encoder: (tokenizer, model) => categoryEncoder(tokenizer, categoriesOf(model)),
  encoderSource: ({ path, added, model }) => ({
    tokenizer: path,
    newTokens: added?.texts ?? [],
    trainOn: 'answers',
    categories: categoriesOf(model),
  }),
  feeds: batchFeeds,
  loss: (inputs, wanted) => {
    const loss = headLoss(inputs, wanted);
    // an evaluation also counts texts in the right category
    return wanted.hidden
      ? loss
      : { ...loss, also: { scores: logits(inputs.hidden, { rows: inputs.head, added: null }) } };
  },
  countOf: ({ labelledCount }) => labelledCount,
  tally: () => new CategoryTally(),
};

function categoriesOf({ categories }: Pick<Model, 'categories'>): readonly string[] {
  if (categories) return categories;
  throw internal('texts are sorted by a model without categories');
}

class CategoryTally implements Tally {
  readonly samples = { losses: [] as number[], counts: [] as number[] };
  #nll = 0;
  #texts = 0;
  /** Null where only gradients were asked for. */
  #right: number | null = null;

  add({ labelledCount, targets }: Batch, { nll, scores }: Outputs): void {
    this.#nll = addLosses(this.#nll, nll!, labelledCount);
    this.#texts += labelledCount;
    for (let i = 0; i < labelledCount; i++) {
      this.samples.losses.push(nll![i]!);
      this.samples.counts.push(1);
    }
    if (!scores) return;
    const width = scores.length / targets.length;
    this.#right ??= 0;
    for (let i = 0; i < labelledCount; i++) {
      const given = (scores as Float32Array).subarray(i * width, (i + 1) * width);
      const wanted = given[targets[i]!]!;
      if (given.every((score) => score <= wanted)) this.#right++;
    }
  }

  get figures() {
    const loss = this.#nll / this.#texts;
    const right = this.#right;
    return { loss, perplexity: Math.exp(loss), ...(right !== null && { accuracy: right / this.#texts }) };
  }
}
