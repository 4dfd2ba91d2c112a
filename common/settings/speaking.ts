/** Settings of commands that let a model of this computer speak. */
import { say } from '../words/language.ts';
import { ENDPOINT } from './computing.ts';
import { choice, path, setting } from './row.ts';

/** Types of weights in files that are written. */
export const WEIGHT_TYPES = ['f32', 'f16', 'bf16', 'q8_0', 'q5_1', 'q5_0', 'q4_1', 'q4_0'] as const;

/** The model of a run, or one by itself, that `speaks` through llama.cpp; `also`: other names of the run. */
export const speaking = (speaks: string, also: readonly string[]) =>
  [
    setting('run', 'Files', {
      type: path,
      about: `folder of a run: its model ${speaks}`,
      value: 'FOLDER',
      alsoCalled: also,
      allowed: (value: unknown, { model: named }) =>
        value === undefined &&
        named === undefined &&
        say`{run} is missing: name the folder of a run, or a {model}`,
    }),
    setting('model', 'Files', {
      type: path,
      about: `model that ${speaks}; with --run: its base model, if it has moved`,
      value: 'PATH',
      alsoCalled: ['base', 'base-model'],
    }),
    setting('type', 'Files', {
      type: choice(...WEIGHT_TYPES),
      default: ENDPOINT.type,
      about: 'type of the weights, if it is no .gguf file yet; q8_0 is quicker and less exact',
      alsoCalled: ['quant', 'quantize'],
    }),
  ] as const;
