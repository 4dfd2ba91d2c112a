/**
 * Writes ONNX models. Weights never enter the file: they are external data that point into the file where they
 * already lie, so the model stays a few hundred kilobytes whatever its weights are. Field numbers are those of onnx.proto3.
 */
import type { ComputeDType, HostArray } from '../../ir/dtype.ts';
import type { Shape } from '../../ir/shape.ts';

export type OnnxType = ComputeDType | 'i64' | 'u32';
/** As a file for other programs declares it: sizes that they choose have a name. */
export type OpenShape = readonly (number | string)[];
export type OnnxAttr = number | string | readonly number[] | { readonly float: number };

/** The numbers that ONNX gives to element types. */
export const TYPE_CODES: Readonly<Record<OnnxType, number>> = {
  f32: 1,
  u8: 2,
  i8: 3,
  u16: 4,
  i32: 6,
  i64: 7,
  bool: 9,
  f16: 10,
  u32: 12,
  bf16: 16,
};
const OPSET = 20;
/** With blocks in QuantizeLinear and DequantizeLinear; models without them stay with what every provider has kernels for. */
const OPSET_WITH_BLOCKS = 21;

export interface OnnxNode {
  readonly type: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attrs: Readonly<Record<string, OnnxAttr>>;
  readonly name: string;
}

/** One model: call the methods in any order, then `finish`. */
export class OnnxModel {
  readonly #initializers: ((graph: ProtoWriter) => void)[] = [];
  readonly #inputs: ((graph: ProtoWriter) => void)[] = [];
  readonly #outputs: ((graph: ProtoWriter) => void)[] = [];

  /** `shape` null: any, also of any rank. */
  input(name: string, dtype: OnnxType, shape: OpenShape | null): void {
    this.#inputs.push((graph) => graph.message(11, (info) => valueInfo(info, name, dtype, shape)));
  }

  output(name: string, dtype: OnnxType, shape: OpenShape | null): void {
    this.#outputs.push((graph) => graph.message(12, (info) => valueInfo(info, name, dtype, shape)));
  }

  /** A result that is no tensor: a list of float32 tensors. */
  sequenceOutput(name: string): void {
    this.#outputs.push((graph) =>
      graph.message(12, (info) =>
        info
          .string(1, name)
          .message(2, (type) =>
            type.message(4, (list) =>
              list.message(1, (item) => item.message(1, (tensor) => tensor.int(1, TYPE_CODES.f32))),
            ),
          ),
      ),
    );
  }

  /** A constant stored in the model itself. */
  constant(
    name: string,
    dtype: OnnxType,
    shape: Shape,
    data: HostArray | BigInt64Array | Uint32Array | Int8Array,
  ): void {
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    this.#initializers.push((graph) =>
      graph.message(5, (t) => tensorHead(t, name, dtype, shape).bytes(9, bytes)),
    );
  }

  /** A weight at `offset` of a file, mapped into memory by onnxruntime. */
  external(
    name: string,
    dtype: OnnxType,
    shape: Shape,
    { file, offset, bytes }: { file: string; offset: number; bytes: number },
  ): void {
    const entries = { location: file, offset: String(offset), length: String(bytes) };
    this.#initializers.push((graph) =>
      graph.message(5, (t) => {
        tensorHead(t, name, dtype, shape);
        for (const [key, value] of Object.entries(entries))
          t.message(13, (e) => e.string(1, key).string(2, value));
        t.int(14, 1);
      }),
    );
  }

  /** The serialised model with `nodes` in the given order. */
  finish(nodes: readonly OnnxNode[]): Uint8Array {
    const opset = nodes.some(({ attrs }) => 'block_size' in attrs) ? OPSET_WITH_BLOCKS : OPSET;
    return new ProtoWriter()
      .int(1, 9)
      .string(2, 'fettle')
      .message(7, (graph) => {
        for (const node of nodes) graph.message(1, (n) => writeNode(n, node));
        graph.string(2, 'step');
        for (const write of [...this.#initializers, ...this.#inputs, ...this.#outputs]) write(graph);
      })
      .message(8, (entry) => entry.string(1, '').int(2, opset))
      .message(8, (opset) => opset.string(1, 'com.microsoft').int(2, 1))
      .finish();
  }
}

function writeNode(writer: ProtoWriter, node: OnnxNode): void {
  for (const input of node.inputs) writer.string(1, input);
  for (const output of node.outputs) writer.string(2, output);
  writer.string(3, node.name).string(4, node.type);
  for (const [name, value] of Object.entries(node.attrs))
    writer.message(5, (attr) => writeAttr(attr, name, value));
  if (node.domain) writer.string(7, node.domain);
}

function writeAttr(attr: ProtoWriter, name: string, value: OnnxAttr): void {
  attr.string(1, name);
  if (typeof value === 'number') attr.int(3, value).int(20, 2);
  else if (typeof value === 'string') attr.string(4, value).int(20, 3);
  else if ('float' in value) attr.float(2, value.float).int(20, 1);
  else {
    for (const item of value) attr.int(8, item);
    attr.int(20, 7);
  }
}

function tensorHead(writer: ProtoWriter, name: string, dtype: OnnxType, shape: Shape): ProtoWriter {
  for (const dim of shape) writer.int(1, dim);
  return writer.int(2, TYPE_CODES[dtype]).string(8, name);
}

function valueInfo(info: ProtoWriter, name: string, dtype: OnnxType, shape: OpenShape | null): void {
  info.string(1, name).message(2, (type) =>
    type.message(1, (tensor) => {
      tensor.int(1, TYPE_CODES[dtype]);
      if (shape === null) return;
      tensor.message(2, (s) => {
        for (const dim of shape)
          s.message(1, (d) => (typeof dim === 'number' ? d.int(1, dim) : d.string(2, dim)));
      });
    }),
  );
}

const encoder = new TextEncoder();

/** Bytes of `value` as a varint. */
function bytesOfVarint(value: number): number {
  return value < 2 ** 7 ? 1 : value < 2 ** 14 ? 2 : value < 2 ** 21 ? 3 : value < 2 ** 28 ? 4 : 5;
}

/** A message under construction; nested messages are written by calling `message` with their builder. */
export class ProtoWriter {
  #bytes = new Uint8Array(2 ** 16);
  #length = 0;

  /** A whole number (int32, int64, enum, bool); negative ones take ten bytes, as protobuf has it. */
  int(field: number, value: number | bigint): this {
    this.#varint(field << 3);
    if (value >= 0 && value <= 0x7fffffff) this.#varint(Number(value));
    else this.#bigVarint(BigInt.asUintN(64, BigInt(value)));
    return this;
  }

  float(field: number, value: number): this {
    this.#varint((field << 3) | 5);
    this.#raw(new Uint8Array(Float32Array.of(value).buffer));
    return this;
  }

  bytes(field: number, value: Uint8Array): this {
    this.#varint((field << 3) | 2);
    this.#varint(value.length);
    this.#raw(value);
    return this;
  }

  string(field: number, value: string): this {
    this.#varint((field << 3) | 2);
    this.#lengthPrefixed(() => this.#text(value));
    return this;
  }

  message(field: number, build: (nested: ProtoWriter) => void): this {
    this.#varint((field << 3) | 2);
    this.#lengthPrefixed(() => build(this));
    return this;
  }

  finish(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** What `write` appends, with its length before it: a step has thousands of messages, and none gets memory of its own. */
  #lengthPrefixed(write: () => void): void {
    const start = this.#length;
    this.#reserve(1);
    this.#length++;
    write();
    const end = this.#length;
    const size = end - start - 1;
    const more = bytesOfVarint(size) - 1;
    if (more > 0) {
      this.#reserve(more);
      this.#bytes.copyWithin(start + 1 + more, start + 1, end);
    }
    this.#length = start;
    this.#varint(size);
    this.#length = end + more;
  }

  /** In UTF-8; names are ASCII nearly always. */
  #text(text: string): void {
    this.#reserve(3 * text.length);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) {
        this.#length += encoder.encodeInto(text.slice(i), this.#bytes.subarray(this.#length)).written;
        return;
      }
      this.#bytes[this.#length++] = code;
    }
  }

  #varint(value: number): void {
    let rest = value;
    this.#reserve(5);
    while (rest > 0x7f) {
      this.#bytes[this.#length++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.#bytes[this.#length++] = rest;
  }

  #bigVarint(value: bigint): void {
    let rest = value;
    this.#reserve(10);
    while (rest > 0x7fn) {
      this.#bytes[this.#length++] = Number(rest & 0x7fn) | 0x80;
      rest >>= 7n;
    }
    this.#bytes[this.#length++] = Number(rest);
  }

  #raw(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
  }

  #reserve(count: number): void {
    if (this.#length + count <= this.#bytes.length) return;
    const grown = new Uint8Array(Math.max(2 * this.#bytes.length, this.#length + count));
    grown.set(this.#bytes.subarray(0, this.#length));
    this.#bytes = grown;
  }
}
