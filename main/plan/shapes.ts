/**
 * The shapes of published models, for plans before one is downloaded: activations and adapters depend on
 * layers, widths and heads, and a number of parameters alone does not say them. The families have them; what
 * follows from a shape follows from their graph.
 */
import { FAMILIES, familyOf, type ModelShape, outline, readModel } from '../engine/models/registry.ts';

export type { ModelShape };

type Sizes = readonly [inputs: number, outputs: number];

const PUBLISHED: ReadonlyMap<string, ModelShape> = new Map(
  FAMILIES.flatMap(({ type: kind, planner }) =>
    (['float32', 'float16', 'bfloat16'] as const).flatMap((stored) =>
      Object.entries(planner.published[stored] ?? {}).map(([repo, row]): [string, ModelShape] => {
        const [name, layers, width, heads, keyHeads, feedForward, vocabulary, tied, positions] = row;
        const sizes = { layers, width, heads, keyHeads, headWidth: row[9] ?? width / heads, feedForward };
        return [repo, { name, ...sizes, vocabulary, tied, positions, kind, stored }];
      }),
    ),
  ),
);

/** What stands for a model of which only the size is known. */
const TYPICAL = FAMILIES.flatMap(({ planner }) =>
  (planner.typical ?? []).map((repo) => PUBLISHED.get(repo)!),
);

/** The shape of a model of the catalog, which its instruct version shares; null where it is not known. */
export function shapeOf(repo: string): ModelShape | null {
  const found = PUBLISHED.get(repo) ?? PUBLISHED.get(repo.replace('-Instruct', ''));
  if (!found) return null;
  const { instructPositions } = plannerOf(found);
  const isOther = instructPositions !== undefined && repo.includes('-Instruct');
  return isOther ? { ...found, positions: instructPositions } : found;
}

/** The shape of the published model that is nearest in size, by ratio. */
export function typicalShape(parameters: number): ModelShape {
  const distance = (each: ModelShape) => Math.abs(Math.log(parametersOf(each) / parameters));
  return TYPICAL.reduce((best, each) => (distance(each) < distance(best) ? each : best));
}

/** Inputs and outputs of the matrices of a layer that get an adapter. */
export function adaptedMatrices(
  shape: ModelShape,
  targets: 'all' | 'attention' | 'query-value',
): readonly Sizes[] {
  const { matrices } = countsOf(shape);
  if (targets === 'all') return matrices.map(({ sizes }) => sizes);
  const ends = plannerOf(shape).targets[targets];
  return matrices
    .filter(({ name }) => ends.some((end) => name.endsWith(`.${end}`)))
    .map(({ sizes }) => sizes);
}

/** How a run of the family names those matrices. */
export function targetNames(
  family: string,
  targets: 'all' | 'attention' | 'query-value',
): string | readonly string[] {
  return targets === 'all' ? 'all-linear' : familyOf(family)!.planner.targets[targets];
}

export function parametersOf(shape: ModelShape): number {
  return countsOf(shape).parameters;
}

/** The config.json of a model of that shape, in Hugging Face's terms. */
export function configOf(shape: ModelShape): Readonly<Record<string, unknown>> {
  return plannerOf(shape).configOf(shape);
}

function plannerOf({ kind }: ModelShape) {
  return familyOf(kind)!.planner;
}

interface Counts {
  readonly parameters: number;
  /** The linear layers of the first block. */
  readonly matrices: readonly { readonly name: string; readonly sizes: Sizes }[];
}

const counted = new WeakMap<ModelShape, Counts>();

function countsOf(shape: ModelShape): Counts {
  const known = counted.get(shape);
  if (known) return known;
  const { linears, parameterCount } = outline(readModel(plannerOf(shape).configOf(shape)));
  const matrices = [...linears]
    .filter(([name]) => name.includes('.0.'))
    .map(([name, { inputs, outputs }]) => ({ name, sizes: [inputs, outputs] as const }));
  const counts = { parameters: parameterCount, matrices };
  counted.set(shape, counts);
  return counts;
}

/* What adapters can hold of a model of which only the number of weights is known: a rule about learning, for neither memory nor time. */
/** Channels in and out of the linear layers of a block, over the width: four of attention, three of the MLP. */
const LINEAR_CHANNELS = 18;

/** Layers x width of a usual transformer: weights are 12 L d², and d is about 100 L. */
export function depthTimesWidth(parameters: number): number {
  const width = Math.cbrt(parameters / 0.12);
  return parameters / (12 * width);
}

/** Weights of adapters of a rank on all linear layers. */
export function adapterParameters(parameters: number, rank: number): number {
  return rank * LINEAR_CHANNELS * depthTimesWidth(parameters);
}
