/** An encoder with its pooling and head as one ONNX file: token ids in, vectors, probabilities or scores out, for onnxruntime and Transformers.js. */

import { OPEN, type PortableInputs } from '../../exec/foreign.ts';
import { portableFile } from '../../exec/registry.ts';
import { Graph } from '../../ir/graph.ts';
import { type Encoder, type EncoderInputs, widthOf } from '../../models/encoder.ts';
import { Parameters } from '../../nn/parameters.ts';
import { type Pooling, throughDense, unitRows } from '../../nn/pooling.ts';
import { ropeRows } from '../../nn/rope.ts';
import { add, matmul, reshape, sigmoid, softmax } from '../../ops/functions.ts';
import { type LinearHead, maxTokensOf, type ReadingModel } from './reading.ts';

/** The bytes of the file; in `int8` matrices and tables are rounded to 8 bits, and computed with in float32. */
export async function encoderOnnx(model: ReadingModel, type: 'f32' | 'int8'): Promise<Uint8Array> {
  const { opened, weights, head, columns, pairs } = model;
  const { encoder, outline } = opened;
  const { pooling, isUnit } = pairs ? { ...pairs.head, isUnit: false } : opened.sentences;
  const graph = new Graph();
  const values = new Map<string, Float32Array>(pairs?.values);
  const p = new Parameters(graph, { kind: 'frozen' });
  const hidden = encoder.hidden(p, openInputs(graph, model, values));
  const { batch, time } = OPEN;
  const pool = reshape(graph.input('pool', 'f32', [batch, time]), [batch, 1, time]);
  const states = reshape(hidden, [batch, time, encoder.hiddenSize]);
  const pooled = reshape(matmul(pool, states), [batch, encoder.hiddenSize]);
  const read = pairs ? pooled : throughDense(p, encoder.dense ?? [], pooled);
  const vectors = isUnit ? unitRows(read) : read;
  const addHead = ({ answers, from, ...own }: LinearHead, module: string, output: string) => {
    const count = answers.length;
    const weight = (part: 'weights' | 'bias', name: string, shape: readonly number[]) => {
      values.set(`${module}.${name}`, own[part]);
      return graph.weight(`${module}.${name}`, shape);
    };
    const scores = matmul(vectors, weight('weights', 'weight', [widthOf(encoder), count]));
    const logits = add(scores, weight('bias', 'bias', [count]));
    graph.output(output, from ? sigmoid(logits) : softmax(logits));
    return logits;
  };
  if (head) graph.output('logits', addHead(head, 'classifier', 'probabilities'));
  for (const { head: other, output } of columns?.others ?? []) addHead(other, `classifier.${output}`, output);
  if (pairs) graph.output('logits', reshape(pairs.head.scores(p, vectors), [batch, 1]));
  else graph.output('sentence_embedding', vectors);
  for (const name of graph.weights.keys()) if (!values.has(name)) values.set(name, await weights.read(name));
  const matrices = [...[...outline.linears.keys()].map((module) => `${module}.weight`), ...outline.tables];
  return await portableFile(graph, {
    weights: values,
    rounded: new Set(type === 'int8' ? matrices : []),
    hasTypes: pairs?.head.hasTypes === true,
    inputs: (given) => madeInputs(given, encoder, pooling),
  });
}

/** The inputs of an encoder for texts that stand a row each; tables of rotations are weights that `values` takes. */
function openInputs(graph: Graph, model: ReadingModel, values: Map<string, Float32Array>): EncoderInputs {
  const { encoder } = model.opened;
  const ints = (name: string) => graph.input(name, 'i32', [OPEN.batch, OPEN.time]);
  const most = maxTokensOf(model.opened);
  const places = Int32Array.from({ length: most }, (_, i) => i);
  const rotations = [...encoder.ropes].map(([name, rope]) => {
    const rows = ropeRows(rope, places, new Int32Array(most).fill(most));
    const table = (part: 'cos' | 'sin') => {
      values.set(`${name}.${part}`, rows[part]);
      return graph.weight(`${name}.${part}`, [most, rope.width / 2]);
    };
    return [name, { cos: table('cos'), sin: table('sin') }] as const;
  });
  return {
    tokens: ints('tokens'),
    positions: ints('positions'),
    order: ints('order'),
    types: ints('types'),
    segments: ints('segments'),
    rotations: new Map(rotations),
  };
}

/** What the graph's inputs are made of: token ids, and a mask that is 0 where a shorter text is filled up at its end. */
function madeInputs(emit: PortableInputs, encoder: Encoder, pooling: Pooling) {
  const { ids, mask, batch, time } = emit;
  const int = (value: number) => emit.i32(value, [1]);
  const float = (name: string) => emit.cast(name, 'f32');
  const shape = emit.node('Concat', [batch, time], { axis: 0 });
  const scalar = (value: number) => emit.i32(value, []);
  const end = emit.node('Squeeze', [emit.cast(time, 'i32')]);
  const order = emit.node('Expand', [emit.node('Range', [scalar(0), end, scalar(1)]), shape]);
  return {
    tokens: ids,
    order,
    positions: positionsOf(),
    types: emit.types ?? emit.node('Mul', [ids, int(0)]),
    // a text sees itself, and what fills it up is none of it
    segments: emit.node('Sub', [mask, int(1)]),
    pool: pool(),
  };

  /** From 0, or behind the id of padding, as `positionsOf` has it for a text without that id. */
  function positionsOf(): string {
    const first = encoder.positionsOf([encoder.vocabSize - 1])[0]!;
    if (first === 0) return order;
    const padding = first - 1;
    const isPadding = emit.cast(emit.node('Equal', [ids, int(padding)]), 'i32');
    const isText = emit.node('Sub', [int(1), isPadding]);
    const counted = emit.node('CumSum', [isText, scalar(1)]);
    return emit.node('Add', [emit.node('Mul', [counted, isText]), int(padding)]);
  }

  function pool(): string {
    const seen = float(mask);
    const sum = (x: string) => emit.node('ReduceSum', [x, emit.i64([1])], { keepdims: 1 });
    const count = emit.node('Max', [sum(seen), emit.f32(1)]);
    const at = (place: string) => float(emit.node('Equal', [order, place]));
    const rows: Readonly<Record<Pooling, () => string>> = {
      mean: () => emit.node('Div', [seen, count]),
      cls: () => at(int(0)),
      lasttoken: () => at(emit.node('Sub', [emit.cast(count, 'i32'), int(1)])),
      mean_sqrt_len_tokens: () => emit.node('Div', [seen, emit.node('Sqrt', [count])]),
      weightedmean() {
        const weighted = emit.node('Mul', [emit.node('Add', [float(order), emit.f32(1)]), seen]);
        return emit.node('Div', [weighted, emit.node('Max', [sum(weighted), emit.f32(1)])]);
      },
    };
    return rows[pooling]();
  }
}
