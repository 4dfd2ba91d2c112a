/** The weights of a model as graphs with quantised ones ask for them, and what they stand for. */
import type { HostArray, QuantisedFormat } from '../../main/engine/ir/dtype.ts';
import { quantiseRows } from '../../main/engine/load/quantise-rows.ts';
import { quantisedMatrices } from '../../main/engine/load/quantised-weights.ts';
import { type Model, outline } from '../../main/engine/models/model.ts';
import { quantisedParts } from '../../main/engine/nn/quantised.ts';
import { unpacked } from './unpacked.ts';

export interface BothWeights {
  /** With the parts of quantised matrices under their names. */
  readonly parts: ReadonlyMap<string, HostArray>;
  /** What they stand for, under the names of the matrices. */
  readonly plain: ReadonlyMap<string, Float32Array>;
}

/** `weights` of `model` in `format`. */
export function bothWeights(
  model: Model,
  weights: ReadonlyMap<string, Float32Array>,
  format: QuantisedFormat,
): BothWeights {
  const [parts, plain] = [new Map<string, HostArray>(weights), new Map<string, Float32Array>(weights)];
  for (const [name, { shape, format: own }] of quantisedMatrices(outline(model), format)) {
    const rows = quantiseRows(weights.get(name)!, shape[1]!, own);
    const named = quantisedParts(name, shape, own);
    for (const which of ['codes', 'scales', 'zeros', 'steps'] as const)
      if (named[which]) parts.set(named[which].name, rows[which]!);
    plain.set(name, unpacked(rows, shape[1]!, own));
  }
  return { parts, plain };
}
