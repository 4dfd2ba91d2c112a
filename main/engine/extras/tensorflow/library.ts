/**
 * TensorFlow's own library as a backend of TensorFlow.js: its C functions through koffi, and a row for each kernel that kernels.ts and
 * native.ts lead to. To native.ts it looks like the backend of the package @tensorflow/tfjs-node. The library lies in the folder that
 * FETTLE_TFJS_HOME names, else in the TensorFlow pack.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import type { DataId, DataType, KernelBackend, TensorInfo } from '@tensorflow/tfjs-core';
import koffi from 'koffi';
import { internal } from '../../../../common/errors.ts';
import { TENSORFLOW } from '../../../../common/extras/tensorflow/library.ts';
import { packsFolder } from '../../../paths.ts';
import type { HostArray } from '../../ir/dtype.ts';
import type { Tensor, TensorFlow } from './backend.ts';
import { DT, type Id, type NodeBackend, type OpAttr, type Output } from './native.ts';

/** The library's file, which finds the other one beside it; null where there is none. */
export function libraryFile(): string | null {
  const folders = [process.env.FETTLE_TFJS_HOME, path.join(packsFolder(), 'tensorflow')];
  const files = folders.flatMap((folder) => (folder ? [path.join(folder, TENSORFLOW.library)] : []));
  return files.find((file) => fs.existsSync(file)) ?? null;
}

/** TensorFlow.js with the library in `file` as its backend. Throws where that does not load. */
export function openLibrary(file: string): TensorFlow {
  const tf = createRequire(import.meta.url)('@tensorflow/tfjs-core') as TensorFlow;
  const backend = new LibraryBackend(tf, bindingOf(file));
  tf.registerBackend('tensorflow', () => backend as unknown as KernelBackend);
  for (const [kernelName, row] of Object.entries(KERNELS))
    tf.registerKernel({
      kernelName,
      backendName: 'tensorflow',
      kernelFunc: ({ inputs, attrs }) => backend.compute(row, inputs as Inputs, attrs as unknown as Attrs),
    });
  void tf.setBackend('tensorflow');
  return tf;
}

type Inputs = Readonly<Record<string, TensorInfo>>;
type Numbers = number | readonly number[] | readonly (readonly number[])[];
/** Attributes of kernels of TensorFlow.js; each kernel has some of them. */
type Attrs = Readonly<
  Record<'shape' | 'perm' | 'reps' | 'begin' | 'size' | 'paddings' | 'reductionIndices', Numbers> &
    Record<'keepDims' | 'transposeA' | 'transposeB', boolean> & { axis: number; dtype: DataType }
>;

/** How a kernel of TensorFlow.js is one of TensorFlow's operations. */
interface Row {
  readonly op: string;
  /** Names of the operands in TensorFlow's order; null: they are one list. */
  readonly operands: readonly string[] | null;
  /** Further operands, of whole numbers. */
  readonly numbers?: (attrs: Attrs) => readonly Numbers[];
  /** What does not follow from the operands; a word is a type. */
  readonly settings?: (attrs: Attrs) => Readonly<Record<string, boolean | number | DataType>>;
}

const rowOf =
  (...operands: readonly string[]) =>
  (op: string, rest: Pick<Row, 'numbers' | 'settings'> = {}): Row => ({ op, operands, ...rest });
const [unary, binary] = [rowOf('x'), rowOf('a', 'b')];

const KERNELS: Readonly<Record<string, Row>> = {
  Neg: unary('Neg'),
  Exp: unary('Exp'),
  Log: unary('Log'),
  Sqrt: unary('Sqrt'),
  Reciprocal: unary('Reciprocal'),
  Tanh: unary('Tanh'),
  Sigmoid: unary('Sigmoid'),
  Erf: unary('Erf'),
  Relu: unary('Relu'),
  Softmax: rowOf('logits')('Softmax'),
  Add: binary('AddV2'),
  Sub: binary('Sub'),
  Multiply: binary('Mul'),
  RealDiv: binary('RealDiv'),
  Maximum: binary('Maximum'),
  Equal: binary('Equal'),
  NotEqual: binary('NotEqual'),
  LessEqual: binary('LessEqual'),
  LogicalAnd: binary('LogicalAnd'),
  Select: rowOf('condition', 't', 'e')('SelectV2'),
  Cast: unary('Cast', { settings: ({ dtype }) => ({ DstT: dtype }) }),
  // these two share the memory of their operand
  Identity: unary('Identity'),
  Reshape: unary('Reshape', { numbers: ({ shape }) => [shape] }),
  Transpose: unary('Transpose', { numbers: ({ perm }) => [perm] }),
  Tile: unary('Tile', { numbers: ({ reps }) => [reps] }),
  Slice: unary('Slice', { numbers: ({ begin, size }) => [begin, size] }),
  // kernels.ts fills with zeros only
  PadV2: unary('Pad', { numbers: ({ paddings }) => [paddings] }),
  Concat: { op: 'ConcatV2', operands: null, numbers: ({ axis }) => [axis] },
  Pack: { op: 'Pack', operands: null, settings: ({ axis }) => ({ axis }) },
  Sum: unary('Sum', {
    numbers: ({ axis }) => [axis],
    settings: ({ keepDims }) => ({ keep_dims: keepDims }),
  }),
  Max: unary('Max', {
    numbers: ({ reductionIndices }) => [reductionIndices],
    settings: ({ keepDims }) => ({ keep_dims: keepDims }),
  }),
  BatchMatMul: binary('BatchMatMulV2', {
    settings: ({ transposeA, transposeB }) => ({ adj_x: transposeA, adj_y: transposeB }),
  }),
  GatherV2: rowOf('x', 'indices')('GatherV2', { numbers: ({ axis }) => [axis] }),
  ScatterNd: rowOf('indices', 'updates')('ScatterNd', { numbers: ({ shape }) => [shape] }),
};

/** Types of TensorFlow.js, each with TensorFlow's number and what holds it here. */
const TYPES = [
  { dtype: 'float32', number: DT.f32, host: Float32Array },
  { dtype: 'int32', number: DT.i32, host: Int32Array },
  { dtype: 'bool', number: DT.bool, host: Uint8Array },
] as const;

function typeOf(wanted: DataType | number): (typeof TYPES)[number] {
  const found = TYPES.find(({ dtype, number }) => dtype === wanted || number === wanted);
  if (!found) throw internal(`TensorFlow.js has no type ${wanted}`);
  return found;
}

/** By which TensorFlow.js knows a tensor's contents. Each result has a handle of its own, so that no uses need to be counted. */
interface Stored {
  readonly id: Id;
}

/** What TensorFlow.js asks of a backend, as far as it is used here, and what native.ts asks of the package's. */
class LibraryBackend implements NodeBackend {
  readonly isUsingGpuDevice = false;
  readonly binding: Binding;
  readonly #tf: TensorFlow;
  #held = 0;

  constructor(tf: TensorFlow, binding: Binding) {
    this.#tf = tf;
    this.binding = binding;
  }

  compute({ op, operands, numbers, settings }: Row, inputs: Inputs, attrs: Attrs): TensorInfo {
    const tensors = operands ? operands.map((name) => inputs[name]!) : Object.values(inputs);
    const list = operands ? {} : { N: tensors.length, T: tensors[0]!.dtype };
    const own = (numbers?.(attrs) ?? []).map((each) => this.#integers(each));
    try {
      const all = Object.entries({ ...list, ...settings?.(attrs) }).map(attrOf);
      const operandIds = [...this.getInputTensorIds(tensors), ...own];
      return this.#stored(this.binding.executeOp(op, all, operandIds, 1)[0]!);
    } finally {
      for (const id of own) this.binding.deleteTensor(id);
    }
  }

  #integers(value: Numbers): Id {
    const rows = typeof value === 'number' ? [] : [value.length];
    const columns = Array.isArray(value) && Array.isArray(value[0]) ? [value[0].length] : [];
    const flat = [value].flat(2) as number[];
    return this.binding.createTensor([...rows, ...columns], DT.i32, Int32Array.from(flat));
  }

  #stored({ id, shape, dtype }: Output): TensorInfo {
    this.#held++;
    return { dataId: { id } satisfies Stored, shape, dtype: typeOf(dtype).dtype };
  }

  createOutputTensor(output: Output): Tensor {
    return this.#tf.engine().makeTensorFromTensorInfo(this.#stored(output));
  }

  getInputTensorIds(tensors: readonly TensorInfo[]): Id[] {
    return tensors.map(({ dataId }) => (dataId as Stored).id);
  }

  download({ dataId, dtype, size }: Tensor, target: HostArray): void {
    const { host } = typeOf(dtype);
    const own = target instanceof host ? target : new host(size);
    this.binding.read((dataId as Stored).id, own);
    if (own !== target) target.set(own);
  }

  write(values: HostArray, shape: readonly number[], dtype: DataType): DataId {
    this.#held++;
    return { id: this.binding.createTensor(shape, typeOf(dtype).number, values) } satisfies Stored;
  }

  disposeData({ id }: Stored): boolean {
    this.#held--;
    this.binding.deleteTensor(id);
    return true;
  }

  numDataIds(): number {
    return this.#held;
  }

  floatPrecision(): number {
    return 32;
  }

  memory() {
    return { unreliable: true };
  }
}

/** Kinds of settings of an operation (`TF_AttrType`). */
const ATTR = { int: 1, bool: 3, type: 4 } as const;

function attrOf([name, value]: [string, boolean | number | DataType]): OpAttr {
  if (typeof value === 'boolean') return { name, type: ATTR.bool, value: Number(value) };
  if (typeof value === 'number') return { name, type: ATTR.int, value };
  return { name, type: ATTR.type, value: typeOf(value).number };
}

type Binding = NodeBackend['binding'] & {
  /** Copies a tensor's contents into `target`, which has its size. */
  read(id: Id, target: HostArray): void;
};

/** The functions of the package's addon, out of those of tensorflow/c/eager/c_api.h. Handles are addresses: who made one frees it. */
function bindingOf(file: string): Binding {
  const f = functionsOf(file);
  const status = f.newStatus();
  const checked = <T>(result: T): T => {
    if (f.code(status) !== 0) throw new Error(`TensorFlow: ${f.message(status)}`);
    return result;
  };
  const context = checked(f.newContext(f.newOptions(), status));
  const described = (id: bigint): Output => {
    const shape = Array.from({ length: f.rank(id, status) }, (_, axis) => Number(f.dim(id, axis, status)));
    return { id, shape, dtype: f.type(id) };
  };
  const set = (op: bigint, { name, type, value }: OpAttr) =>
    type === ATTR.type
      ? f.setType(op, name, value)
      : type === ATTR.bool
        ? f.setBool(op, name, value)
        : f.setInt(op, name, value);
  return {
    TF_Version: f.version(),
    TF_ATTR_TYPE: ATTR.type,
    createTensor(shape, dtype, data) {
      const tensor = f.allocate(dtype, BigInt64Array.from(shape, BigInt), shape.length, data.byteLength);
      f.copy(f.data(tensor), data, data.byteLength);
      const id = f.newHandle(tensor, status);
      f.freeTensor(tensor);
      return checked(id);
    },
    deleteTensor: (id) => f.freeHandle(id),
    read(id, target) {
      const tensor = checked(f.resolve(id, status));
      const isFit = f.bytes(tensor) === target.byteLength;
      if (isFit) f.copy(target, f.data(tensor), target.byteLength);
      f.freeTensor(tensor);
      if (!isFit) throw internal(`a tensor was to be read into ${target.byteLength} bytes`);
    },
    executeOp(name, attrs, inputs, outputs) {
      const op = checked(f.newOp(context, name, status));
      const results = new Array<bigint | null>(outputs).fill(null);
      try {
        for (const id of inputs) checked(f.addInput(op, id, status));
        for (const attr of attrs) set(op, attr);
        checked(f.execute(op, results, [outputs], status));
      } finally {
        f.freeOp(op);
      }
      return results.map((id) => described(id!));
    },
  };
}

function functionsOf(file: string) {
  const library = koffi.load(file, { lazy: true });
  return {
    // of the system's C library, which comes with it
    copy: library.func('void *memcpy(void *to, void *from, size_t bytes)'),
    version: library.func('str TF_Version()'),
    newStatus: library.func('void *TF_NewStatus()'),
    code: library.func('int TF_GetCode(void *status)'),
    message: library.func('str TF_Message(void *status)'),
    newOptions: library.func('void *TFE_NewContextOptions()'),
    newContext: library.func('void *TFE_NewContext(void *options, void *status)'),
    allocate: library.func('void *TF_AllocateTensor(int type, int64_t *dims, int rank, size_t bytes)'),
    data: library.func('void *TF_TensorData(void *tensor)'),
    bytes: library.func('size_t TF_TensorByteSize(void *tensor)'),
    freeTensor: library.func('void TF_DeleteTensor(void *tensor)'),
    newHandle: library.func('void *TFE_NewTensorHandle(void *tensor, void *status)'),
    freeHandle: library.func('void TFE_DeleteTensorHandle(void *handle)'),
    resolve: library.func('void *TFE_TensorHandleResolve(void *handle, void *status)'),
    type: library.func('int TFE_TensorHandleDataType(void *handle)'),
    rank: library.func('int TFE_TensorHandleNumDims(void *handle, void *status)'),
    dim: library.func('int64_t TFE_TensorHandleDim(void *handle, int axis, void *status)'),
    newOp: library.func('void *TFE_NewOp(void *context, str name, void *status)'),
    freeOp: library.func('void TFE_DeleteOp(void *op)'),
    addInput: library.func('void TFE_OpAddInput(void *op, void *handle, void *status)'),
    setType: library.func('void TFE_OpSetAttrType(void *op, str name, int type)'),
    setBool: library.func('void TFE_OpSetAttrBool(void *op, str name, uint8_t value)'),
    setInt: library.func('void TFE_OpSetAttrInt(void *op, str name, int64_t value)'),
    execute: library.func(
      'void TFE_Execute(void *op, _Out_ void **results, _Inout_ int *count, void *status)',
    ),
  };
}
