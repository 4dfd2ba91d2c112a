/**
 * Decoders that sort: instead of the output head they have one with a row for each category, on the hidden state of a text's last token, as
 * in Transformers' classes for sequence classification.
 */
import { AppError } from '../../../common/errors.ts';
import { isRecord } from '../../../common/values.ts';
import { number } from '../../../common/words/format.ts';
import { say } from '../../../common/words/language.ts';
import { type JsonObject, mismatch, unsupported } from './config-reader.ts';
import { isWrapped } from './family.ts';
import type { Model } from './model.ts';

/** The parameter [categories, H] that decides. */
export const SORTING_HEAD = 'score.weight';
/** Categories of a head at most. */
export const MOST_CATEGORIES = 10_000;

/** Transformers' classes by `model_type`; what is missing has none. */
const CLASSES: Readonly<Record<string, string>> = {
  gpt2: 'GPT2ForSequenceClassification',
  llama: 'LlamaForSequenceClassification',
  mistral: 'MistralForSequenceClassification',
  qwen2: 'Qwen2ForSequenceClassification',
  qwen3: 'Qwen3ForSequenceClassification',
  qwen3_5_text: 'Qwen3_5TextForSequenceClassification',
  smollm3: 'SmolLM3ForSequenceClassification',
  gemma3_text: 'Gemma3TextForSequenceClassification',
  phi3: 'Phi3ForSequenceClassification',
  ministral3: 'Ministral3ForSequenceClassification',
  olmo2: 'Olmo2ForSequenceClassification',
  olmo3: 'Olmo3ForSequenceClassification',
  exaone4: 'Exaone4ForSequenceClassification',
};

/** `model` with a head for `categories` instead of its own. */
export function sorting(model: Model, categories: readonly string[]): Model {
  return {
    ...model,
    categories,
    // a new head is no copy of the embedding
    tiedHead: false,
    head: (p) => ({ rows: p.ownHead(SORTING_HEAD, [categories.length, model.hiddenSize]), added: null }),
    withNewTokens: (first, count) => sorting(model.withNewTokens(first, count), categories),
    withLayers: (count) => {
      const shallow = model.withLayers(count);
      return shallow && sorting(shallow, categories);
    },
    storedNames: (parameter) => (parameter === SORTING_HEAD ? [SORTING_HEAD] : model.storedNames(parameter)),
    isIgnored: (stored) => stored === 'lm_head.weight' || model.isIgnored(stored),
  };
}

/** The categories of the model that `config` describes; null where it goes on with texts. */
export function categoriesIn(config: JsonObject): readonly string[] | null {
  const [architecture] = Array.isArray(config.architectures) ? config.architectures : [];
  if (typeof architecture !== 'string' || !architecture.endsWith('ForSequenceClassification')) return null;
  const problem = config.problem_type ?? 'single_label_classification';
  if (problem !== 'single_label_classification')
    throw unsupported(
      `it gives a text several categories or a number (problem_type ${JSON.stringify(problem)})`,
    );
  const { id2label: named, num_labels: count = 2 } = config;
  const names = isRecord(named)
    ? Object.keys(named).map((_, i) => named[String(i)])
    : Array.from({ length: Number(count) }, (_, i) => `LABEL_${i}`);
  const fits = names.length >= 2 && names.length <= MOST_CATEGORIES;
  if (fits && names.every((name) => typeof name === 'string') && new Set(names).size === names.length)
    return names as string[];
  throw mismatch('id2label is no list of different categories');
}

/** `config` as that of a model that sorts into `categories`; `pad`: the token that fills up shorter texts of a batch. */
export function sortingConfig(
  config: JsonObject,
  model: Model,
  categories: readonly string[],
  pad: number | null,
) {
  const architecture = CLASSES[model.modelType];
  if (architecture === undefined || isWrapped(config))
    throw new AppError(
      'unsupported-model',
      say`Transformers has no head that sorts for this model, so nothing could open it.`,
      say`Choose another model, or learn right answers instead.`,
    );
  return {
    ...config,
    architectures: [architecture],
    id2label: Object.fromEntries(categories.map((name, i) => [String(i), name])),
    label2id: Object.fromEntries(categories.map((name, i) => [name, i])),
    problem_type: 'single_label_classification',
    ...(pad !== null && { pad_token_id: pad }),
  };
}

/** Fails for a model that writes no texts. */
export function requireAnswers({ categories }: Pick<Model, 'categories'>): void {
  if (!categories) return;
  throw new AppError(
    'bad-usage',
    say`This model sorts texts into categories. It writes no answers.`,
    say`Sort texts with it, or choose another model.`,
  );
}

/** Fails for a list that is none of categories to sort into. */
export function requireCategories(categories: readonly string[]): void {
  if (categories.length >= 2 && categories.length <= MOST_CATEGORIES) return;
  throw new AppError(
    'no-categories',
    categories.length < 2
      ? say`There is only one category.`
      : say`The rows have more than ${number(MOST_CATEGORIES)} different answers, which are no categories.`,
    say`Sorting needs rows that share their answers, with at least two different ones.`,
  );
}
