/** Writes what a run was for: the adapter as PEFT reads it, or the whole model as a Hugging Face folder. */
import path from 'node:path';
import type { DoneEvent } from '../../../common/protocol/protocol.ts';
import { baseFormat, hasAdapter, type RunConfig } from '../config/config.ts';
import { layerOf } from '../config/layer-choice.ts';
import { writeModelFolder, writeTokenizerOf } from '../export/write-model.ts';
import { writeFileAtomic } from '../io/atomic.ts';
import { type AdapterTokens, writeAdapter } from '../io/peft.ts';
import { ADAPTER_FOLDER, MODEL_FOLDER } from '../load/adapter.ts';
import type { OpenedModel } from '../load/open-model.ts';
import { peftName, tokenRowsName } from '../nn/parameters.ts';
import type { TrainState } from './state.ts';

/** Writes the parameters in `state` and the run's summary; gives the folder of the result. */
export async function writeResult(
  config: RunConfig,
  opened: OpenedModel,
  state: TrainState,
  done: DoneEvent,
): Promise<string> {
  const lora = hasAdapter(config);
  const folder = path.join(config.out, lora ? ADAPTER_FOLDER : MODEL_FOLDER);
  if (lora) await writeLora(folder, config, opened, state);
  else await writeModelFolder(folder, opened, async (name) => state.values(name));
  await writeFileAtomic(
    path.join(config.out, 'result.json'),
    `${JSON.stringify({ ...done, result: folder }, null, 2)}\n`,
  );
  return folder;
}

function newTokensOf({ added, outline }: OpenedModel, state: TrainState): AdapterTokens | null {
  if (!added) return null;
  const rows = [...outline.tables].map((table) => {
    return [table.replace(/\.weight$/, ''), state.slice('param', tokenRowsName(table))] as const;
  });
  return { texts: added.texts, first: added.first, rows: new Map(rows) };
}

async function writeLora(
  folder: string,
  config: RunConfig,
  opened: OpenedModel,
  state: TrainState,
): Promise<void> {
  const { rank, alpha, dropout, targets, layers, rsLora, dora } = config.lora;
  const names = new Set(state.trainables.map(({ name }) => name));
  const modules = [...opened.outline.linears.keys()].filter((module) => names.has(peftName(module, 'A')));
  const targetModules =
    targets === 'all-linear' ? [...new Set(modules.map((module) => module.split('.').at(-1)!))] : targets;
  const tensors = modules.map((module) => {
    const part = (which: Parameters<typeof peftName>[1]) => state.slice('param', peftName(module, which));
    const magnitude = dora && { magnitude: part('magnitude') };
    return [module, { a: part('A'), b: part('B'), r: rank, ...magnitude }] as const;
  });
  const description = {
    r: rank,
    loraAlpha: alpha ?? 2 * rank,
    loraDropout: dropout,
    targetModules,
    fanInFanOut: opened.model.transposedLinears,
    useRslora: rsLora,
    useDora: dora,
    baseModel: opened.path,
    rankPattern: {},
    alphaPattern: {},
    base: baseFormat(config),
    layers: layers === undefined ? null : [...new Set(modules.map((module) => layerOf(module)!))],
  };
  await writeAdapter(folder, description, new Map(tensors), 'f32', newTokensOf(opened, state));
  if (opened.added) await writeTokenizerOf(folder, opened);
}
