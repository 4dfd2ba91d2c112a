/**
 * The ggml executor: a whole step is one graph of the library that llama.cpp runs on, which computes on processors and, through Vulkan or
 * Metal, on the graphics cards of all vendors. There what is trained stays on the card, unless an optimizer needs it in this process' memory.
 */

import { AppError, internal } from '../../../../common/errors.ts';
import { say } from '../../../../common/words/language.ts';
import { marks } from '../../../../common/words/marks.ts';
import type { Graph } from '../../ir/graph.ts';
import { optimise } from '../../passes/index.ts';
import type { CompileOptions, Executor, ExecutorOptions, Program, WeightSource } from '../executor.ts';
import { HostDeviceTensor } from '../host-tensor.ts';
import { CheckedProgram } from './checked.ts';
import { OpenDevice } from './device.ts';
import { cardsOf, deviceCalled, type GgmlDevice, openGgml, SOFTWARE } from './library.ts';
import { NATIVE_FUSED } from './lower.ts';
import { ggmlMemory } from './memory.ts';
import { GgmlProgram } from './program.ts';
import { GgmlTensor, TensorPool } from './tensors.ts';
import { WeightStore } from './weights.ts';

/**
 * On the device that the run names, else FETTLE_GGML_DEVICE, else on the best card, else on the processor. Throws `AppError('ggml-missing')` where the library is not here,
 * unless it is only asked for prices, and `AppError('device-missing')` where it doesn't see the device.
 */
export function createGgmlExecutor(options: ExecutorOptions): Executor {
  const { threads, device, card, pricesOnly = false, hostState = false } = options;
  const opened = pricesOnly ? null : openDevice(card ?? process.env.FETTLE_GGML_DEVICE, threads);
  const compileOn = (on: OpenDevice, store: WeightStore) => async (graph: Graph, weights?: WeightSource) => {
    const loaded = await store.load(graph, weights);
    try {
      return new GgmlProgram(on, graph, loaded, keeps === 'device');
    } catch (error) {
      await loaded.release();
      throw error;
    }
  };
  const compile = opened && compileOn(opened, new WeightStore(opened));
  // a processor computes on the very memory that an update writes
  const keeps = opened && opened.about.kind !== 'processor' && !hostState ? 'device' : 'host';
  const pool = opened && new TensorPool(opened);
  let mustCheck = opened !== null && opened.about.kind !== 'processor';
  return {
    name: 'ggml',
    device,
    ...(opened && opened.about.kind !== 'processor' && { deviceWords: opened.about.description }),
    ...(opened && cardOf(opened.about)),
    keeps,
    writesBack: keeps === 'device',
    fusedOperations: NATIVE_FUSED,
    tensor: (dtype, shape, data) =>
      keeps === 'device'
        ? new GgmlTensor(opened!, pool!, dtype, shape, data)
        : new HostDeviceTensor(dtype, shape, data),
    memoryOf: (graph, donated) => ggmlMemory(graph, donated, keeps),
    async compile(graph: Graph, { weights, kept }: CompileOptions = {}): Promise<Program> {
      if (compile === null) throw internal('an executor that only prices was asked to compile');
      const program = await compile(optimise(graph, NATIVE_FUSED), weights);
      // probes without weights are checked by who asks them
      if (!mustCheck || weights === undefined) return program;
      mustCheck = false;
      const onProcessor = async () => {
        const processor = openDevice('CPU', threads);
        const compared = optimise(graph, NATIVE_FUSED);
        for (const name of kept ?? []) compared.outputs.delete(name);
        return await compileOn(processor, new WeightStore(processor))(compared, weights);
      };
      return new CheckedProgram(program, onProcessor, opened!.about.description);
    },
  };
}

/** For prices; a driver that computes on the processor takes the computer's memory. */
function cardOf({ description, kind, freeBytes }: GgmlDevice): Pick<Executor, 'foundCard'> {
  const isCard = (kind === 'card' || kind === 'integrated') && !SOFTWARE.test(description);
  return isCard ? { foundCard: { name: description, freeBytes, isShared: kind === 'integrated' } } : {};
}

function openDevice(name: string | undefined, threads: number): OpenDevice {
  const ggml = openGgml();
  const devices = ggml.devices();
  const found = name
    ? deviceCalled(devices, name)
    : (cardsOf(ggml)[0] ?? devices.find(({ kind }) => kind === 'processor'));
  if (found) return new OpenDevice(ggml, found, threads);
  const seen = devices.map((one) => `${one.name} (${one.description})`).join(marks().comma);
  throw new AppError(
    'device-missing',
    say`ggml sees no device ${name ?? 'CPU'}. It sees ${seen}.`,
    say`Choose one of these by its name, or install the card’s driver.`,
  );
}
