/**
 * Which layers of a model get adapters. Leaving the first ones alone saves memory and time, for the backward pass ends at the
 * lowest layer that is trained; PEFT calls the same setting layers_to_transform.
 */
import { AppError } from '../../../common/errors.ts';
import { say } from '../../../common/words/language.ts';

/** The layers that `choice` means in a model of `count` layers, ascending. Throws `AppError('bad-config')` for others. */
export function chosenLayers(choice: string, count: number): number[] {
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
