/**
 * What is measured of onnxruntime: products in few bits for the benchmark, and the operations of a step for its profile.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import * as ort from 'onnxruntime-node';
import type { Graph, Node } from '../../ir/graph.ts';
import type { ExecutorOptions, ProgramTimes, QuantisedProduct, TimedProgram } from '../executor.ts';
import { OnnxModel, type OnnxNode } from '../onnx/onnx.ts';
import { profiledName } from '../onnx/onnx-export.ts';
import { sessionOptions } from './onnx-session.ts';

// Matrix products with weights of 8 and 4 bits, as models of one node: what they give on this computer is measured by the benchmark. The
// weight of 4 bits is a constant that onnxruntime lays out beforehand, without which its kernel is not worth having.

/** Weights that share a scale, in one column. */
const BLOCK = 32;

/** The product, ready to be timed; release it afterwards. */
export async function quantisedProduct(
  product: QuantisedProduct,
  options: ExecutorOptions,
): Promise<TimedProgram> {
  const { bytes, feeds } = product.type === 'int8' ? int8Model(product) : int4Model(product);
  const plain = sessionOptions(options);
  // a step's products in 8 bits have no packed copies of their weights (docs/decisions/0055)
  const packed = { ...plain, extra: { session: { disable_prepacking: '0' } } };
  const session = await ort.InferenceSession.create(bytes, product.type === 'int8' ? plain : packed);
  return {
    run: () => session.run(feeds),
    release: () => session.release(),
  };
}

interface Ready {
  readonly bytes: Uint8Array;
  readonly feeds: Readonly<Record<string, ort.Tensor>>;
}

/** Values of 8 bits without a sign times weights with one: the pairing that has fast kernels (s8 x s8 has none). */
function int8Model({ rows, inner, columns }: QuantisedProduct): Ready {
  const model = new OnnxModel();
  model.input('a', 'u8', [rows, inner]);
  model.output('c', 'f32', [rows, columns]);
  model.constant('b', 'i8', [inner, columns], new Int8Array(pattern(inner * columns).buffer));
  model.constant('one', 'f32', [], Float32Array.of(1));
  model.constant('scales', 'f32', [columns], new Float32Array(columns).fill(0.01));
  model.constant('zero', 'u8', [], Uint8Array.of(128));
  const operands = ['a', 'b', 'one', 'scales', 'zero'];
  const bytes = model.finish([node('MatMulIntegerToFloat', 'com.microsoft', operands, {})]);
  return { bytes, feeds: { a: new ort.Tensor('uint8', pattern(rows * inner), [rows, inner]) } };
}

/** Float values times weights of 4 bits, computed in float32: accuracy level 0. */
function int4Model({ rows, inner, columns }: QuantisedProduct): Ready {
  const blocks = inner / BLOCK;
  const model = new OnnxModel();
  model.input('a', 'f32', [rows, inner]);
  model.output('c', 'f32', [rows, columns]);
  model.constant('b', 'u8', [columns, blocks, BLOCK / 2], pattern((columns * inner) / 2));
  model.constant('scales', 'f32', [columns * blocks], new Float32Array(columns * blocks).fill(0.01));
  const attrs = { K: inner, N: columns, bits: 4, block_size: BLOCK, accuracy_level: 0 };
  const bytes = model.finish([node('MatMulNBits', 'com.microsoft', ['a', 'b', 'scales'], attrs)]);
  const values = Float32Array.from(pattern(rows * inner), (value) => value / 128 - 1);
  return { bytes, feeds: { a: new ort.Tensor('float32', values, [rows, inner]) } };
}

function node(
  type: string,
  domain: string,
  inputs: readonly string[],
  attrs: Readonly<Record<string, number>>,
): OnnxNode {
  return { type, domain, inputs, outputs: ['c'], attrs, name: type };
}

/** Bytes without a rhythm that a kernel could profit from. */
function pattern(count: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(count);
  for (let i = 0; i < count; i++) bytes[i] = Math.imul(i + 1, 2654435761) >>> 24;
  return bytes;
}

/** An event of onnxruntime's profile, in the format of Chrome's traces; microseconds. */
export interface OrtEvent {
  readonly cat?: string;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

const KERNEL = '_kernel_time';
const RUN = 'model_run';
const FILE = 'ort';

export class ProgramTimer {
  readonly #graph: Graph;
  readonly #tell: (times: ProgramTimes) => void;
  readonly #folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-profile-'));
  #firstRunMs = 0;

  constructor(graph: Graph, tell: (times: ProgramTimes) => void) {
    this.#graph = graph;
    this.#tell = tell;
  }

  get prefix(): string {
    return path.join(this.#folder, FILE);
  }

  /** To be called before each run: it joins onnxruntime's clock with this process' one. */
  runBegins(): void {
    this.#firstRunMs ||= performance.now();
  }

  /** Reads the profile once it is written, and removes it. */
  report(): void {
    const [file] = fs.readdirSync(this.#folder);
    const text = file === undefined ? '[]' : fs.readFileSync(path.join(this.#folder, file), 'utf8');
    this.discard();
    this.#tell(programTimes(JSON.parse(text) as OrtEvent[], this.#graph, this.#firstRunMs));
  }

  discard(): void {
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** What `events` say of a program of `graph` whose first run began at `firstRunMs`. */
export function programTimes(events: readonly OrtEvent[], graph: Graph, firstRunMs: number): ProgramTimes {
  const nodes = new Map<string, Node>(graph.nodes.map((node) => [profiledName(node), node]));
  const runs = events.filter(({ name }) => name === RUN);
  const begin = runs.reduce((first, { ts }) => Math.min(first, ts), Number.POSITIVE_INFINITY);
  const spanOf = ({ ts, dur }: OrtEvent) => ({ startMs: firstRunMs + (ts - begin) / 1000, ms: dur / 1000 });
  const kernels = events.filter(({ cat, name }) => cat === 'Node' && name.endsWith(KERNEL));
  const inOrder = (a: OrtEvent, b: OrtEvent) => a.ts - b.ts;
  return {
    runs: runs.toSorted(inOrder).map(spanOf),
    kernels: kernels.toSorted(inOrder).map((event) => ({
      ...spanOf(event),
      kernel: event.args?.op_name ?? '',
      provider: event.args?.provider?.replace('ExecutionProvider', '') ?? '',
      node: nodes.get(event.name.slice(0, event.name.lastIndexOf(':'))) ?? null,
    })),
  };
}
