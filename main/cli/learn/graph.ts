/** What Fettle's own graph takes, beside the textbook: the same computation as in the application's lesson. */
import path from 'node:path';
import type { GraphMemory, MemoryQuestion, NoGraph, Otherwise } from '../../../common/api/learn.ts';
import { readCatalog, withLocal } from '../../hub/catalog.ts';
import { resourcesFolder } from '../../paths.ts';
import { graphCase, graphMemory, type ModelHere } from '../../plan/lesson-graph.ts';
import type { Sized } from '../../plan/textbook.ts';
import { knownGrounds } from '../grounds.ts';
import { openHistory } from '../record.ts';
import { bytes, count, number, plural } from '../words.ts';

/** The memory of the graph for a question about the model `repo` of the catalog, or about a number of weights; or why there is none. */
export async function graphOf(
  question: Sized<MemoryQuestion>,
  repo: string | undefined,
): Promise<GraphMemory | NoGraph> {
  const found = graphCase(question, repo === undefined ? null : await modelHere(repo), repo !== undefined);
  if (typeof found === 'string') return found;
  const { pricesOf } = await import('../../engine/session/prices.ts');
  const [price] = await pricesOf([found.priced], new AbortController().signal);
  return price ? graphMemory(found, price, await knownGrounds(price.executor)) : 'not-here';
}

/** The model where it is on this computer: its own files say more than a table of shapes. */
async function modelHere(repo: string): Promise<ModelHere | null> {
  const entry = (await readCatalog(resourcesFolder())).find((each) => each.repo === repo);
  if (!entry) return null;
  // whether or not the application was ever opened
  if (entry.bundled) return { ...entry, path: path.join(resourcesFolder(), 'practice-model') };
  const store = await openHistory().catch(() => null);
  if (!store) return null;
  try {
    const [known] = withLocal([entry], store.models.list());
    const model = known?.localId ? store.models.find(known.localId) : null;
    return model?.available ? model : null;
  } finally {
    store.close();
  }
}

const NO_GRAPH: Readonly<Record<NoGraph, string>> = {
  'not-asked': 'No known model is about as large, so there is no graph to price: name one with --model.',
  'not-here': 'The shape of this model is not known, so there is no graph to price.',
};

const OTHERWISE: Readonly<Record<Otherwise, string>> = {
  adamw: 'with AdamW: Fettle has no SGD',
  'fp32-weights': 'with weights in FP32',
  'fp32-gradients': 'with gradients in FP32',
  'fp32-moments': "with AdamW's moments in FP32",
  'shorter-rows': 'with rows as long as the model reads at once',
};

/** The graph's memory as a person reads it. */
export function graphText(graph: GraphMemory | NoGraph): string {
  if (typeof graph === 'string') return `\n${NO_GRAPH[graph]}\n`;
  const parts = [
    ['Frozen weights', graph.weightBytes],
    ['Trained weights, gradients, moments', graph.stateBytes],
    ['Activations and working room', graph.workingBytes],
    ['Program', graph.programBytes],
  ] as const;
  const rows = [...parts.filter(([, size]) => size > 0), ['Together', graph.totalBytes] as const];
  const left = Math.max(...rows.map(([name]) => name.length)) + 2;
  return `${[
    '',
    `Fettle's own graph for ${graph.model} (${count(graph.parameters)} weights), computing in FP32, for ${plural(graph.rows, 'row')} of ${number(graph.rowLength)} tokens:`,
    ...rows.map(([name, size]) => name.padEnd(left) + bytes(size).padStart(9)),
    '',
    ...(graph.otherwise.length > 0
      ? [`Priced otherwise than asked: ${graph.otherwise.map((what) => OTHERWISE[what]).join('; ')}.`]
      : []),
    'Why it is another figure than the textbook has: docs/learn/memory.md, or the page Learn.',
  ].join('\n')}\n`;
}
