/** Turns the settings of a run into what is trained: which layers get adapters, and how adapters begin. */

import { AppError } from '../../../common/errors.ts';
import { isMixed } from '../../../common/settings/row.ts';
import { say } from '../../../common/words/language.ts';
import { marks } from '../../../common/words/marks.ts';
import { Rng, streamSeed } from '../../rows/rng.ts';
import { type BaseSettings, baseFormat, type RunConfig } from '../config/config.ts';
import { sizeOf } from '../ir/shape.ts';
import { allHalved } from '../load/halved-weights.ts';
import type { OpenedModel } from '../load/open-model.ts';
import type { ModelOutline } from '../models/model.ts';
import { SORTING_HEAD } from '../models/sorting.ts';
import { type Halves, type LoraShape, type Method, onBase, type Trainable } from '../nn/parameters.ts';

/**
 * Which layers of a model get adapters. Leaving the first ones alone saves memory and time, for the backward pass ends at the lowest layer
 * that is trained; PEFT calls the same setting layers_to_transform.
 */

/** The layers that `choice` means in a model of `count` layers, ascending. Throws `AppError('bad-config')` for others. */
function chosenLayers(choice: string, count: number): number[] {
  if (choice.startsWith('last-')) {
    const wanted = Number(choice.slice(5));
    if (wanted < 1 || wanted > count) throw refused(choice, count);
    return range(count - wanted, count - 1);
  }
  const layers = choice.split(',').flatMap((part) => {
    const [first = 0, last = first] = part.split('-').map(Number);
    if (first > last || last >= count) throw refused(choice, count);
    return range(first, last);
  });
  return [...new Set(layers)].sort((a, b) => a - b);
}

/** The number of the layer that a module belongs to, such as 3 of `model.layers.3.mlp.up_proj`; null for none. */
export function layerOf(module: string): number | null {
  const found = /\.(\d+)\./.exec(module)?.[1];
  return found === undefined ? null : Number(found);
}

function range(first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function refused(choice: string, count: number): AppError {
  return new AppError(
    'bad-config',
    say`There are no layers ${choice} in this model: it has ${count}, from 0 to ${count - 1}.`,
    say`For example: ${Math.floor(count / 2)}-${count - 1}, or last-${Math.ceil(count / 2)}.`,
  );
}

/** The method that `config` asks for. Throws AppError for targets that match no layer. `halves`: what the files hold in 16 bits. */
export function methodOf(
  config: Pick<RunConfig, 'method' | 'lora' | 'masterBits'> & BaseSettings,
  { outline, halves }: { readonly outline: ModelOutline; readonly halves: Halves },
): Method {
  const precision = isMixed(config) ? ({ precision: 'f16' } as const) : {};
  if (config.method === 'full')
    return {
      kind: 'full',
      ...precision,
      ...(config.precision === 'int8' && { precision: 'int8' }),
      ...(config.masterBits === 16 && { masters: 'f16' }),
    };
  const { rank, alpha, dropout, rsLora, dora } = config.lora;
  const scale = (alpha ?? 2 * rank) / (rsLora ? Math.sqrt(rank) : rank);
  const shape: LoraShape = { rank, scale, ...(dora && { dora: 'trained' }) };
  const modules = new Set(adaptedModules(config.lora, outline));
  const adapterOf = (module: string) => (modules.has(module) ? shape : null);
  const kept = isMixed(config) ? allHalved(outline) : halves;
  return onBase({ kind: 'lora', dropout, adapterOf, ...precision }, baseFormat(config), kept);
}

/** The linear modules that get an adapter: those that are targets, in the layers that are chosen. */
export function adaptedModules({ targets, layers }: RunConfig['lora'], outline: ModelOutline): string[] {
  const modules = targetModules(targets, outline);
  if (layers === undefined) return modules;
  const chosen = new Set(chosenLayers(layers, layersOf(outline)));
  const adapted = modules.filter((module) => chosen.has(layerOf(module) ?? -1));
  if (adapted.length > 0) return adapted;
  throw new AppError(
    'bad-config',
    say`The layers ${layers} have nothing that can be adapted.`,
    say`Choose other layers, or other targets.`,
  );
}

function layersOf({ linears }: ModelOutline): number {
  return 1 + Math.max(...[...linears.keys()].map((module) => layerOf(module) ?? 0));
}

/** The linear modules that `targets` names: all, or those whose path ends with one of the names. */
export function targetModules(targets: 'all-linear' | readonly string[], outline: ModelOutline): string[] {
  const modules = [...outline.linears.keys()];
  if (targets === 'all-linear') return modules;
  const matches = (module: string, target: string) => module === target || module.endsWith(`.${target}`);
  const missed = targets.filter((target) => !modules.some((module) => matches(module, target)));
  if (missed.length > 0) {
    const names = [...new Set(modules.map((module) => module.split('.').at(-1)))].join(marks().comma);
    throw new AppError(
      'bad-config',
      say`The model has no linear layer called ${missed.join(marks().comma)}.`,
      say`Choose among ${names}, or all linear layers.`,
    );
  }
  return modules.filter((module) => targets.some((target) => matches(module, target)));
}

/** First values of a head for categories as Transformers draws them: normal, of the model's own spread. */
export function initialHead(
  { config, outline }: Pick<OpenedModel, 'config' | 'outline'>,
  seed: number,
): Float32Array {
  const spread = typeof config.initializer_range === 'number' ? config.initializer_range : 0.02;
  const rng = Rng.fromSeed(streamSeed(seed, 'head', SORTING_HEAD));
  const { shape } = outline.parameters.get(SORTING_HEAD)!;
  return new Float32Array(sizeOf(shape)).map(() => spread * rng.normal());
}

/** First values of an adapter tensor as PEFT draws them: A uniform within 1/sqrt(in), B zero. */
export function initialAdapter({ name, shape, kind }: Trainable, seed: number): Float32Array {
  const values = new Float32Array(shape[0]! * shape[1]!);
  if (kind !== 'lora_a') return values;
  const rng = Rng.fromSeed(streamSeed(seed, 'lora', name));
  const bound = 1 / Math.sqrt(shape[1]!);
  for (let i = 0; i < values.length; i++) values[i] = (2 * rng.uniform() - 1) * bound;
  return values;
}
