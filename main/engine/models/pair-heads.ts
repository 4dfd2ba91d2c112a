/**
 * Heads that give one score to two texts read together, as Transformers' classes for sequence classification have them, by family: what is
 * between the texts, and what stands on the first token, or the mean of all.
 */
import type { Value } from '../ir/graph.ts';
import { Graph } from '../ir/graph.ts';
import { layerNormLayer, linear } from '../nn/linear-and-norm.ts';
import { Parameters } from '../nn/parameters.ts';
import { ACTIVATIONS, activationOf, reshape, tanh } from '../ops/functions.ts';
import { ConfigReader, type JsonObject, unsupported } from './config-reader.ts';
import type { Encoder } from './encoder.ts';
import type { ModelOutline } from './model.ts';

export interface PairHead {
  /** Its class in Transformers. */
  readonly architecture: string;
  /** What names of the encoder begin with in that class. */
  readonly prefix: string;
  /** Tokens that end a text stand so many times between both. */
  readonly ends: 1 | 2;
  /** Whether its scores are made of the first token, or of the mean of all. */
  readonly pooling: 'cls' | 'mean';
  /** Whether tokens of the second text are of another type. */
  readonly hasTypes: boolean;
  /** Names of a parameter in files. */
  storedNames(parameter: string): readonly string[];
  /** The name of a parameter in files of its class. */
  savedName(parameter: string): string;
  /** The scores [N] of pooled hidden states [N,H]. */
  scores(p: Parameters, pooled: Value): Value;
}

type Make = (config: ConfigReader, width: number) => Pick<PairHead, 'pooling' | 'scores'>;

interface Family extends Pick<PairHead, 'architecture' | 'prefix' | 'ends' | 'hasTypes'> {
  readonly make: Make;
}

const column = (scores: Value): Value => reshape(scores, [scores.shape[0]!]);

/** A dense layer, tanh, and one output. */
const dense =
  (inner: string, last: string): Make =>
  (_, width) => ({
    pooling: 'cls',
    scores(p, first) {
      const wide = linear(p, first, inner, { inputs: width, outputs: width, bias: true });
      const bent = p.graph.scoped(inner, () => tanh(wide));
      return column(linear(p, bent, last, { inputs: width, outputs: 1, bias: true }));
    },
  });

const modern: Make = (c, width) => {
  const activation = c.text('classifier_activation', 'gelu');
  if (!Object.hasOwn(ACTIVATIONS, activation))
    throw unsupported(`its activation function "${activation}" is not implemented`);
  const pooling = c.text('classifier_pooling', 'cls');
  if (pooling !== 'cls' && pooling !== 'mean')
    throw unsupported(`its scores are pooled by "${pooling}" (classifier_pooling)`);
  const bias = c.flag('classifier_bias', false);
  const [eps, normBias] = [c.number('norm_eps', 1e-5), c.flag('norm_bias', false)];
  return {
    pooling,
    scores(p, read) {
      const wide = linear(p, read, 'head.dense', { inputs: width, outputs: width, bias });
      const bent = p.graph.scoped('head', () => activationOf(activation)(wide));
      const normed = layerNormLayer(p, bent, 'head.norm', eps, normBias);
      return column(linear(p, normed, 'classifier', { inputs: width, outputs: 1, bias: true }));
    },
  };
};

const roberta = { prefix: 'roberta.', ends: 2, hasTypes: false } as const;
const FAMILIES: Readonly<Record<string, Family>> = {
  bert: {
    architecture: 'BertForSequenceClassification',
    prefix: 'bert.',
    ends: 1,
    hasTypes: true,
    make: dense('pooler.dense', 'classifier'),
  },
  roberta: {
    architecture: 'RobertaForSequenceClassification',
    ...roberta,
    make: dense('classifier.dense', 'classifier.out_proj'),
  },
  'xlm-roberta': {
    architecture: 'XLMRobertaForSequenceClassification',
    ...roberta,
    make: dense('classifier.dense', 'classifier.out_proj'),
  },
  modernbert: {
    architecture: 'ModernBertForSequenceClassification',
    prefix: 'model.',
    ends: 1,
    hasTypes: false,
    make: modern,
  },
};

/** The head for `encoder`, which `config` describes. Throws an AppError where its family has another one. */
export function pairHeadOf({ modelType, hiddenSize }: Encoder, config: JsonObject): PairHead {
  const { make, ...of } = FAMILIES[modelType]!;
  // RoBERTa out of a GGUF file is BERT with one type
  const isRoberta = of.hasTypes && Number(config.type_vocab_size ?? 2) === 1;
  const family = { ...of, ...(isRoberta && { hasTypes: false, ends: roberta.ends }) };
  // BERT's dense layer belongs to the encoder's part of a file
  const savedName = (name: string) => (/^(classifier|head)\./.test(name) ? name : `${family.prefix}${name}`);
  return {
    ...family,
    ...make(new ConfigReader(config), hiddenSize),
    savedName,
    storedNames: (name) => [...new Set([savedName(name), name])],
  };
}

/** The class in Transformers of a model of that type with such a head. */
export const pairHeadClass = (modelType: string): string => FAMILIES[modelType]!.architecture;

/** The parameters of a head. */
export function pairHeadOutline(head: PairHead, width: number): ModelOutline['parameters'] {
  const graph = new Graph();
  const p = new Parameters(graph, { kind: 'full' });
  head.scores(p, graph.input('first', 'f32', [1, width]));
  return new Map([...p.trainables.values()].map(({ name, shape, kind }) => [name, { shape, kind }]));
}
