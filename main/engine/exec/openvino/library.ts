/**
 * OpenVINO's C functions through koffi. The library lies in the folder that FETTLE_OPENVINO_HOME names, else in the speed pack. Handles
 * are addresses that only these functions understand: who made one frees it, and arrays must outlive the tensors over them.
 */
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import koffi from 'koffi';
import { AppError, describeError } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import { packsFolder } from '../../../paths.ts';
import type { ComputeDType, HostArray } from '../../ir/dtype.ts';
import type { Shape } from '../../ir/shape.ts';

export type Handle = bigint;

export interface OpenVino {
  readonly version: string;
  /** Names of the devices that it sees, such as CPU, GPU or, with several cards, GPU.0. */
  readonly devices: readonly string[];
  /** A model out of the bytes of an ONNX file. */
  readModel(onnx: Uint8Array): Handle;
  freeModel(model: Handle): void;
  compile(model: Handle, device: string, properties: Readonly<Record<string, string>>): Promise<Handle>;
  freeCompiled(compiled: Handle): void;
  request(compiled: Handle): Handle;
  freeRequest(request: Handle): void;
  /** A tensor over the memory of `data`. */
  tensor(type: { readonly dtype: ComputeDType; readonly shape: Shape }, data: HostArray): Handle;
  freeTensor(tensor: Handle): void;
  bind(request: Handle, name: string, tensor: Handle): void;
  infer(request: Handle): Promise<void>;
  /** Gives the system back what compiling has left in malloc's heap: hundreds of megabytes, which a step would not use. */
  trim(): void;
}

let opened: OpenVino | null = null;

/** The library, loaded once. Throws `AppError('speed-pack-missing')` where it is not here or does not load. */
export function openOpenVino(): OpenVino {
  opened ??= load(libraryFile());
  return opened;
}

/** What the C library is called under Linux, Windows and macOS. */
const NAMES = /^(libopenvino_c\.so\.\d+|openvino_c\.dll|libopenvino_c\.\d+\.dylib)$/;

function libraryFile(): string {
  const folder = process.env.FETTLE_OPENVINO_HOME || path.join(packsFolder(), 'openvino');
  const names = fs.existsSync(folder) ? fs.readdirSync(folder) : [];
  const name = names.find((one) => NAMES.test(one));
  if (name !== undefined) return path.join(folder, name);
  throw new AppError(
    'speed-pack-missing',
    say`The speed pack, which computes with OpenVINO, is not here.`,
    say`Get it on the page “Your computer”, or train without it.`,
  );
}

/** `ov_element_type_e` of ov_common.h. */
const ELEMENT_TYPES: Readonly<Record<ComputeDType, number>> = {
  bool: 1,
  bf16: 2,
  f16: 3,
  f32: 4,
  i8: 7,
  i32: 9,
  u8: 16,
  u16: 17,
};

function load(file: string): OpenVino {
  const f = functionsOf(file);
  const check = (status: number) => {
    if (status !== 0) throw new Error(`OpenVINO: ${f.lastMessage()}`);
  };
  const made = (call: (out: [Handle | null]) => number): Handle => {
    const out: [Handle | null] = [null];
    check(call(out));
    return out[0]!;
  };
  const core = made((out) => f.createCore(out));
  const compile = promisify(f.compile.async) as (...given: unknown[]) => Promise<number>;
  const infer = promisify(f.infer.async) as (request: Handle) => Promise<number>;
  const version: { buildNumber?: string } = {};
  check(f.version(version));
  return {
    version: version.buildNumber ?? '',
    get devices() {
      const list: { names?: unknown; count?: number } = {};
      check(f.devices(core, list));
      return koffi.decode(list.names, 'str', list.count ?? 0) as string[];
    },
    readModel: (onnx) => made((out) => f.read(core, onnx, onnx.length, null, out)),
    freeModel: f.freeModel,
    async compile(model, device, properties) {
      const list = Object.entries(properties).map(([key, value]) => ({ key, value }));
      const out: [Handle | null] = [null];
      check(await compile(core, model, device, list.length, list, out));
      return out[0]!;
    },
    freeCompiled: f.freeCompiled,
    request: (compiled) => made((out) => f.request(compiled, out)),
    freeRequest: f.freeRequest,
    tensor({ dtype, shape }, data) {
      const dims = { rank: shape.length, dims: BigInt64Array.from(shape, BigInt) };
      return made((out) => f.tensor(ELEMENT_TYPES[dtype], dims, data, out));
    },
    freeTensor: f.freeTensor,
    bind: (request, name, tensor) => check(f.bind(request, name, tensor)),
    infer: async (request) => check(await infer(request)),
    trim: () => void f.trim?.(0),
  };
}

function functionsOf(file: string) {
  try {
    const library = koffi.load(file, { lazy: true });
    koffi.struct('ov_shape_t', { rank: 'int64_t', dims: 'int64_t *' });
    koffi.struct('ov_version_t', { buildNumber: 'str', description: 'str' });
    koffi.struct('ov_available_devices_t', { names: 'void *', count: 'size_t' });
    koffi.struct('ov_property_t', { key: 'str', value: 'str' });
    const isGlibc = process.platform === 'linux';
    return {
      trim: isGlibc ? koffi.load('libc.so.6').func('int malloc_trim(size_t pad)') : null,
      lastMessage: library.func('const char *ov_get_last_err_msg()'),
      version: library.func('int ov_get_openvino_version(_Out_ ov_version_t *version)'),
      devices: library.func(
        'int ov_core_get_available_devices(void *core, _Out_ ov_available_devices_t *devices)',
      ),
      createCore: library.func('int ov_core_create(_Out_ void **core)'),
      read: library.func(
        'int ov_core_read_model_from_memory_buffer(void *core, const void *onnx, size_t length, void *weights, _Out_ void **model)',
      ),
      freeModel: library.func('void ov_model_free(void *model)'),
      compile: library.func(
        'int ov_core_compile_model_props(void *core, void *model, str device, size_t count, const ov_property_t *properties, _Out_ void **compiled)',
      ),
      freeCompiled: library.func('void ov_compiled_model_free(void *compiled)'),
      request: library.func(
        'int ov_compiled_model_create_infer_request(void *compiled, _Out_ void **request)',
      ),
      freeRequest: library.func('void ov_infer_request_free(void *request)'),
      tensor: library.func(
        'int ov_tensor_create_from_host_ptr(int type, ov_shape_t shape, void *data, _Out_ void **tensor)',
      ),
      freeTensor: library.func('void ov_tensor_free(void *tensor)'),
      bind: library.func('int ov_infer_request_set_tensor(void *request, str name, void *tensor)'),
      infer: library.func('int ov_infer_request_infer(void *request)'),
    };
  } catch (cause) {
    throw new AppError(
      'speed-pack-missing',
      say`OpenVINO's library doesn't load: ${describeError(cause).trim()}`,
      say`Remove the speed pack and get it again, or train without it.`,
      { cause },
    );
  }
}
