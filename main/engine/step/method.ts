/** Turns the settings of a run into what is trained: which layers get adapters, and how adapters begin. */
import { AppError } from '../../../common/errors.ts';
import { isMixed } from '../../../common/settings/row.ts';
import { say } from '../../../common/words/language.ts';
import { type BaseSettings, baseFormat, type RunConfig } from '../config/config.ts';
import { chosenLayers, layerOf } from '../config/layer-choice.ts';
import { Rng, streamSeed } from '../data/rows/rng.ts';
import { allHalved } from '../load/halved-weights.ts';
import type { ModelOutline } from '../models/model.ts';
import { type Halves, type LoraShape, type Method, onBase, type Trainable } from '../nn/parameters.ts';

/**
 * The method that `config` asks for. Throws AppError for targets that match no layer. `halves`: what the
 * files hold in 16 bits.
 */
export function methodOf(
  config: Pick<RunConfig, 'method' | 'lora' | 'masterBits'> & BaseSettings,
  { outline, halves }: { readonly outline: ModelOutline; readonly halves: Halves },
): Method {
  const precision = isMixed(config) ? ({ precision: 'f16' } as const) : {};
  if (config.method === 'full')
    return { kind: 'full', ...precision, ...(config.masterBits === 16 && { masters: 'f16' }) };
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
    const names = [...new Set(modules.map((module) => module.split('.').at(-1)))].join(', ');
    throw new AppError(
      'bad-config',
      say`The model has no linear layer called ${missed.join(', ')}.`,
      say`Choose among ${names}, or all linear layers.`,
    );
  }
  return modules.filter((module) => targets.some((target) => matches(module, target)));
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
