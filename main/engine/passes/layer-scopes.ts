/**
 * Finds the layers of a training step by the scopes of its nodes, and the place where memory turns: until the last layer's backward pass
 * ends, each layer keeps values; from there on each releases them.
 */

/** The number of the layer that a scope such as `model.layers.3.mlp` lies in. */
const LAYER = /(?:^|\.)(\d+)(?=[.'/]|$)/;
/** Scopes of the backward pass end with this (autodiff/backward.ts). */
const BACKWARD = "'";

/** Layers of scopes that were asked for before: thousands of nodes lie in some hundred scopes. */
const layers = new Map<string, number | null>();
const MOST_SCOPES = 20_000;

/** The layer that a scope lies in; null outside of them. */
export function layerOf(scope: string): number | null {
  const known = layers.get(scope);
  if (known !== undefined) return known;
  const found = LAYER.exec(scope);
  const layer = found && Number(found[1]);
  if (layers.size >= MOST_SCOPES) layers.clear();
  layers.set(scope, layer);
  return layer;
}

/** Whether a scope is one of the backward pass. */
export function isBackward(scope: string): boolean {
  return scope.includes(BACKWARD);
}

const EXACT = /^loss\b|\.delta\b/;

/** Whether products of a scope lose too much in fewer bits: the head and its loss, and the states of a delta rule. */
export function isExact(scope: string): boolean {
  return EXACT.test(scope);
}

/** The last step, of those with `scopes`, that goes back through the last layer; the very last one where nothing goes back. */
export function turnOf(scopes: readonly string[]): number {
  let [last, turn] = [-1, scopes.length - 1];
  let [before, layer]: [string, number | null] = ['', null];
  for (let step = 0; step < scopes.length; step++) {
    const scope = scopes[step]!;
    // steps of one scope stand together
    if (scope !== before) [before, layer] = [scope, isBackward(scope) ? layerOf(scope) : null];
    if (layer === null || layer < last) continue;
    [last, turn] = [layer, step];
  }
  return turn;
}

const NUMBERS = new RegExp(LAYER, 'g');

/** A scope or a name with another number wherever that of its layer stands; the same where it has none. */
export function withLayer(text: string, layer: number): string {
  const own = layerOf(text);
  return text.replace(NUMBERS, (found, number: string) =>
    Number(number) === own ? found.replace(number, String(layer)) : found,
  );
}
