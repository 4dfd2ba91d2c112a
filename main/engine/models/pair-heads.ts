/**
 * Heads that give one score to two texts read together, as Transformers' classes for sequence classification have them, by family: what is
 * between the texts, and what stands on the first token.
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
  /** Whether tokens of the second text are of another type. */
  readonly hasTypes: boolean;
  /** Names of a parameter in files. */
  storedNames(parameter: string): readonly string[];
  /** The name of a parameter in files of its class. */
  savedName(parameter: string): string;
  /** The scores [N] of the first tokens' hidden states [N,H]. */
  scores(p: Parameters, first: Value): Value;
}

type Make = (config: ConfigReader, width: number) => Pick<PairHead, 'scores'>;

interface Family extends Pick<PairHead, 'architecture' | 'prefix' | 'ends' | 'hasTypes'> {
  readonly make: Make;
}

const column = (scores: Value): Value => reshape(scores, [scores.shape[0]!]);

/** A dense layer, tanh, and one output. */
const dense =
  (inner: string, last: string): Make =>
  (_, width) => ({
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
  if (c.text('classifier_pooling', 'cls') !== 'cls')
    throw unsupported('its scores are made of the mean of all tokens (classifier_pooling)');
  const bias = c.flag('classifier_bias', false);
  const [eps, normBias] = [c.number('norm_eps', 1e-5), c.flag('norm_bias', false)];
  return {
    scores(p, first) {
      const wide = linear(p, first, 'head.dense', { inputs: width, outputs: width, bias });
      const bent = p.graph.scoped('head', () => activationOf(activation)(wide));
      const normed = layerNormLayer(p, bent, 'head.norm', eps, normBias);
      return column(linear(p, normed, 'classifier', { inputs: width, outputs: 1, bias: true }));
    },
  };
};

const roberta = { prefix: 'roberta.', ends: 2, hasTypes: false } as const;
const FAMILIES: Readonly<Record<string, Family>> = {
  bert: {
    ...{ architecture: 'BertForSequenceClassification', prefix: 'bert.', ends: 1, hasTypes: true },
    make: dense('pooler.dense', 'classifier'),
  },
  roberta: {
    ...{ architecture: 'RobertaForSequenceClassification', ...roberta },
    make: dense('classifier.dense', 'classifier.out_proj'),
  },
  'xlm-roberta': {
    ...{ architecture: 'XLMRobertaForSequenceClassification', ...roberta },
    make: dense('classifier.dense', 'classifier.out_proj'),
  },
  modernbert: {
    ...{ architecture: 'ModernBertForSequenceClassification', prefix: 'model.', ends: 1, hasTypes: false },
    make: modern,
  },
};

/** The head for `encoder`, which `config` describes. Throws an AppError where its family has another one. */
export function pairHeadOf({ modelType, hiddenSize }: Encoder, config: JsonObject): PairHead {
  const { make, ...of } = FAMILIES[modelType]!;
  // RoBERTa out of a GGUF file is BERT with one type
  const family = { ...of, hasTypes: of.hasTypes && Number(config.type_vocab_size ?? 2) > 1 };
  // BERT's dense layer belongs to the encoder's part of a file
  const savedName = (name: string) => (/^(classifier|head)\./.test(name) ? name : `${family.prefix}${name}`);
  return {
    ...family,
    ...make(new ConfigReader(config), hiddenSize),
    savedName,
    storedNames: (name) => [...new Set([savedName(name), name])],
  };
}

/** The parameters of a head. */
export function pairHeadOutline(head: PairHead, width: number): ModelOutline['parameters'] {
  const graph = new Graph();
  const p = new Parameters(graph, { kind: 'full' });
  head.scores(p, graph.input('first', 'f32', [1, width]));
  return new Map([...p.trainables.values()].map(({ name, shape, kind }) => [name, { shape, kind }]));
}
