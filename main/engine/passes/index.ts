/** The standard way from a graph as written to a graph as executed. */
import type { Graph } from '../ir/graph.ts';
import { dequantiseLate, unpackInPieces, widenInPieces } from './dequantise-late.ts';
import { int8Products } from './int8-products.ts';
import { recompute } from './recompute.ts';
import { decompose, dedupe, fold } from './simplify.ts';

/** Decomposes what `supported` lacks, then folds, dedupes and drops what is cheap to compute again; the result computes the same outputs. */
export function optimise(graph: Graph, supported: ReadonlySet<string>): Graph {
  return recompute(simplify(graph, supported));
}

/** The first part of `optimise`: nothing is computed twice yet to save memory. */
export function simplify(graph: Graph, supported: ReadonlySet<string>): Graph {
  const once = dedupe(decompose(int8Products(graph, supported), supported));
  const folded = fold(once);
  const short = folded === once ? once : dedupe(folded);
  return dequantiseLate(widenInPieces(unpackInPieces(short, supported)));
}
