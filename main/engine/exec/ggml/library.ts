/**
 * ggml's C functions through koffi. The libraries lie in the folder that FETTLE_GGML_HOME names, else in the Vulkan pack, else in the
 * package that node-llama-cpp has for this computer. ggml ends the process where it is called wrongly: whoever calls checks shapes and types before.
 */
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { promisify } from 'node:util';
import koffi from 'koffi';
import { AppError, describeError } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import { packsFolder } from '../../../paths.ts';
import type { HostArray } from '../../ir/dtype.ts';

/** An address that only ggml understands: who made what lies there frees it. */
export type Handle = bigint;

/** Element types by ggml's numbers (`enum ggml_type`). */
export const GGML_TYPES = { f32: 0, f16: 1, q4_0: 2, q4_1: 3, q8_0: 8, i32: 26, bf16: 30 } as const;
export type GgmlType = keyof typeof GGML_TYPES;

/** Where a backend computes (`enum ggml_backend_dev_type`). */
const KINDS = ['processor', 'card', 'integrated', 'accelerator', 'several'] as const;

export interface GgmlDevice {
  /** ggml's name, such as CPU or Vulkan0. */
  readonly name: string;
  /** Vendor and model. */
  readonly description: string;
  /** `integrated` shares the computer's memory. */
  readonly kind: (typeof KINDS)[number];
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** Names of Vulkan drivers that compute on the processor, and of the processor itself. */
export const SOFTWARE = /^(llvmpipe|SwiftShader|CPU$)/i;

export type Ggml = ReturnType<typeof bound>;

/** The cards that it sees, the best first: those with memory of their own, and of these the one with the most. Never throws. */
export function ggmlCards(): readonly GgmlDevice[] {
  try {
    return cardsOf(openGgml()).map(({ handle: _, ...about }) => about);
  } catch {
    return [];
  }
}

export function cardsOf(ggml: Ggml) {
  const cards = ggml.devices().filter(({ kind }) => kind === 'card' || kind === 'integrated');
  return cards.toSorted(
    (a, b) =>
      Number(a.kind === 'integrated') - Number(b.kind === 'integrated') || b.totalBytes - a.totalBytes,
  );
}

/** The device that `asked` names: as ggml calls it (`Vulkan1`, also `vulkan:1`), or by a part of its description that no other has. */
export function deviceCalled<Device extends Pick<GgmlDevice, 'name' | 'description'>>(
  devices: readonly Device[],
  asked: string,
): Device | undefined {
  const plain = (text: string) => text.toLowerCase().replaceAll(/[\s:]/g, '');
  const wanted = plain(asked);
  const named = devices.find(({ name }) => plain(name) === wanted);
  const described = devices.filter(({ description }) => plain(description).includes(wanted));
  return named ?? (described.length === 1 ? described[0] : undefined);
}

let opened: Ggml | null = null;

/** The library, loaded once. Throws `AppError('ggml-missing')` where it is not here or does not load. */
export function openGgml(): Ggml {
  opened ??= bound(ggmlFolder());
  return opened;
}

/** The packages of node-llama-cpp whose libraries compute on every computer of a kind. */
const PACKAGES: Readonly<Record<string, string>> = {
  'linux-x64': 'linux-x64',
  'linux-arm64': 'linux-arm64',
  'win32-x64': 'win-x64',
  'win32-arm64': 'win-arm64',
  'darwin-arm64': 'mac-arm64-metal',
  'darwin-x64': 'mac-x64',
};

function ggmlFolder(): string {
  const home = process.env.FETTLE_GGML_HOME;
  const folders = home ? [home] : [path.join(packsFolder(), 'ggml'), ...packageFolders()];
  const folder = folders.find((one) => fs.existsSync(one) && libraryIn(one, REGISTRY) !== null);
  if (folder !== undefined) return folder;
  throw missing(home ? say`There is no library in ${home}.` : say`Its package isn't installed.`);
}

function packageFolders(): string[] {
  const name = PACKAGES[`${process.platform}-${process.arch}`];
  if (!name) return [];
  const places = createRequire(import.meta.url).resolve.paths('@node-llama-cpp/any') ?? [];
  return places
    .map((place) => path.join(place, '@node-llama-cpp', name, 'bins', name))
    .map((place) => place.replace(/app\.asar(?=[\\/])/, 'app.asar.unpacked'));
}

const BASE = /^(lib)?ggml-base\.(so|dll|dylib)$/;
/** Of this version alone: what its functions take may change with the next. */
const REGISTRY = /^(lib)?ggml(\.[a-z]+)?\.v0\.4\.0\.(so|dll|dylib)$/;

function libraryIn(folder: string, pattern: RegExp): string | null {
  const name = fs.readdirSync(folder).find((one) => pattern.test(one));
  return name === undefined ? null : path.join(folder, name);
}

function missing(why: string, cause?: unknown): AppError {
  return new AppError(
    'ggml-missing',
    say`ggml can't compute here: ${why}`,
    say`Install Fettle again, or compute with onnxruntime.`,
    { cause },
  );
}

/** Graph functions by ggml's names without `ggml_`: a context and so many tensors, then whole numbers (i: int, l: int64, z: size) or floats (f). */
const OPERATIONS = {
  neg: [1, ''],
  exp: [1, ''],
  log: [1, ''],
  sqrt: [1, ''],
  tanh: [1, ''],
  sigmoid: [1, ''],
  silu: [1, ''],
  relu: [1, ''],
  gelu_erf: [1, ''],
  abs: [1, ''],
  step: [1, ''],
  trunc: [1, ''],
  argmax: [1, ''],
  sum_rows: [1, ''],
  soft_max: [1, ''],
  norm: [1, 'f'],
  rms_norm: [1, 'f'],
  scale_bias: [1, 'ff'],
  clamp: [1, 'ff'],
  cast: [1, 'i'],
  add: [2, ''],
  sub: [2, ''],
  mul: [2, ''],
  div: [2, ''],
  mul_mat: [2, ''],
  cpy: [2, ''],
  get_rows: [2, ''],
  get_rows_back: [3, ''],
  concat: [2, 'i'],
  pad_ext: [1, 'iiiiiiii'],
  repeat_4d: [1, 'llll'],
  permute: [1, 'iiii'],
  reshape_4d: [1, 'llll'],
  cont_4d: [1, 'llll'],
  view_4d: [1, 'llllzzzz'],
} as const satisfies Readonly<Record<string, readonly [tensors: 1 | 2 | 3, numbers: string]>>;
export type GgmlOperation = keyof typeof OPERATIONS;

const LETTERS: Readonly<Record<string, string>> = { i: 'int', l: 'int64_t', z: 'size_t', f: 'float' };

type Build = (context: Handle, ...given: readonly (Handle | number)[]) => Handle;

function bound(folder: string) {
  try {
    const f = functionsOf(folder);
    // ggml tells of every library and device that it opens; a function without an effect takes that
    f.setLog(f.noEffect, null);
    if (Number(f.deviceCount()) === 0) f.loadBackends(folder);
    const graphCompute = promisify(f.compute.async) as (...given: unknown[]) => Promise<number>;
    return {
      ...f,
      /** Devices that are here, with their handles. */
      devices: () =>
        Array.from({ length: Number(f.deviceCount()) }, (_, i) => {
          const handle = f.device(i) as Handle;
          return { handle, ...described(f, handle) };
        }),
      computeAsync: (backend: Handle, graph: Handle) => graphCompute(backend, graph),
      set: (tensor: Handle, data: HostArray, offset = 0) => {
        if (data.byteLength > 0) f.tensorSet(tensor, data, offset, data.byteLength);
      },
      fill: (tensor: Handle, value: number, bytes: number) => {
        if (bytes > 0) f.tensorFill(tensor, value, 0, bytes);
      },
      get: (tensor: Handle, data: HostArray) => {
        if (data.byteLength > 0) f.tensorGet(tensor, data, 0, data.byteLength);
      },
      /** Sets the threads of a backend of the processor. */
      setThreads(device: Handle, backend: Handle, threads: number) {
        const address = f.procAddress(f.registryOf(device), 'ggml_backend_set_n_threads') as Handle | null;
        if (address) koffi.call(address, f.setThreadsType, backend, threads);
      },
    };
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw missing(describeError(error).trim(), error);
  }
}

function described(f: ReturnType<typeof functionsOf>, handle: Handle): GgmlDevice {
  const [free, total]: [[bigint | number], [bigint | number]] = [[0], [0]];
  f.deviceMemory(handle, free, total);
  return {
    name: f.deviceName(handle) as string,
    description: f.deviceDescription(handle) as string,
    kind: KINDS[f.deviceType(handle) as number] ?? 'accelerator',
    freeBytes: Number(free[0]),
    totalBytes: Number(total[0]),
  };
}

function functionsOf(folder: string) {
  // else Vulkan's kernels round both matrices of a product to float16, whose range activations may leave
  process.env.GGML_VK_DISABLE_F16 ??= '1';
  const [baseFile, registryFile] = [libraryIn(folder, BASE), libraryIn(folder, REGISTRY)];
  if (!baseFile || !registryFile) throw missing(say`Parts of it are missing in ${folder}.`);
  // backends look for the functions of both by their names
  const base = koffi.load(baseFile, { global: true });
  const registry = koffi.load(registryFile, { global: true });
  koffi.struct('ggml_init_params', { mem_size: 'size_t', mem_buffer: 'void *', no_alloc: 'bool' });
  const builds = Object.entries(OPERATIONS).map(([name, [tensors, numbers]]) => {
    const types = [
      ...Array<string>(tensors + 1).fill('void *'),
      ...[...numbers].map((letter) => LETTERS[letter]!),
    ];
    return [name, base.func(`ggml_${name}`, 'void *', types) as unknown as Build] as const;
  });
  return {
    noEffect: base.symbol('ggml_cycles_per_ms', 'void *'),
    setLog: base.func('void ggml_log_set(void *callback, void *data)'),
    build: Object.fromEntries(builds) as Readonly<Record<GgmlOperation, Build>>,
    loadBackends: registry.func('void ggml_backend_load_all_from_path(str folder)'),
    deviceCount: registry.func('size_t ggml_backend_dev_count()'),
    device: registry.func('void *ggml_backend_dev_get(size_t index)'),
    deviceName: base.func('str ggml_backend_dev_name(void *device)'),
    deviceDescription: base.func('str ggml_backend_dev_description(void *device)'),
    deviceType: base.func('int ggml_backend_dev_type(void *device)'),
    deviceMemory: base.func(
      'void ggml_backend_dev_memory(void *device, _Out_ size_t *free, _Out_ size_t *total)',
    ),
    supports: base.func('bool ggml_backend_dev_supports_op(void *device, void *tensor)'),
    bufferType: base.func('void *ggml_backend_dev_buffer_type(void *device)'),
    alignment: base.func('size_t ggml_backend_buft_get_alignment(void *type)'),
    registryOf: base.func('void *ggml_backend_dev_backend_reg(void *device)'),
    procAddress: base.func('void *ggml_backend_reg_get_proc_address(void *registry, str name)'),
    setThreadsType: koffi.proto('void ggml_set_threads(void *backend, int threads)'),
    open: base.func('void *ggml_backend_dev_init(void *device, str settings)'),
    close: base.func('void ggml_backend_free(void *backend)'),
    context: base.func('void *ggml_init(ggml_init_params params)'),
    freeContext: base.func('void ggml_free(void *context)'),
    tensorOverhead: base.func('size_t ggml_tensor_overhead()'),
    graphOverhead: base.func('size_t ggml_graph_overhead_custom(size_t size, bool gradients)'),
    newTensor: base.func(
      'void *ggml_new_tensor_4d(void *context, int type, int64_t a, int64_t b, int64_t c, int64_t d)',
    ),
    setOutput: base.func('void ggml_set_output(void *tensor)'),
    setPrecision: base.func('void ggml_mul_mat_set_prec(void *tensor, int precision)'),
    addNode: base.func('void ggml_graph_add_node(void *graph, void *tensor)'),
    nodeCount: base.func('int ggml_graph_n_nodes(void *graph)'),
    nodeAt: base.func('void *ggml_graph_node(void *graph, int index)'),
    newGraph: base.func('void *ggml_new_graph_custom(void *context, size_t size, bool gradients)'),
    expand: base.func('void ggml_build_forward_expand(void *graph, void *tensor)'),
    allocateAll: base.func('void *ggml_backend_alloc_ctx_tensors(void *context, void *backend)'),
    newBuffer: base.func('void *ggml_backend_buft_alloc_buffer(void *type, size_t bytes)'),
    bufferBase: base.func('void *ggml_backend_buffer_get_base(void *buffer)'),
    putTensor: base.func('int ggml_backend_tensor_alloc(void *buffer, void *tensor, void *address)'),
    freeBuffer: base.func('void ggml_backend_buffer_free(void *buffer)'),
    newAllocator: base.func('void *ggml_gallocr_new(void *type)'),
    allocateGraph: base.func('bool ggml_gallocr_alloc_graph(void *allocator, void *graph)'),
    allocatedBytes: base.func('size_t ggml_gallocr_get_buffer_size(void *allocator, int buffer)'),
    freeAllocator: base.func('void ggml_gallocr_free(void *allocator)'),
    compute: base.func('int ggml_backend_graph_compute(void *backend, void *graph)'),
    tensorSet: base.func('void ggml_backend_tensor_set(void *tensor, const void *data, size_t at, size_t n)'),
    tensorFill: base.func(
      'void ggml_backend_tensor_memset(void *tensor, uint8_t value, size_t at, size_t n)',
    ),
    tensorGet: base.func('void ggml_backend_tensor_get(void *tensor, void *data, size_t at, size_t n)'),
  };
}
