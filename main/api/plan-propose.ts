/** What is proposed for a run: the rows and the model as the engine sees them, and the search of main/plan over figures of real graphs. */
import osFacts from 'node:os';
import path from 'node:path';
import type {
  ChosenPlan,
  ChosenRequest,
  PlanFigures,
  PlanMethod,
  ProposeRequest,
  RunRequest,
} from '../../common/api/contract.ts';
import type { PricedPart, RowFacts } from '../../common/protocol/protocol.ts';
import { freeMemory, hardwareNow } from '../hardware/facts.ts';
import { devicesOf } from '../plan/devices.ts';
import type { Grounds } from '../plan/estimate.ts';
import type { PeaksOf } from '../plan/nearest.ts';
import { propose, proposeFor } from '../plan/propose.ts';
import { planSettingsOf, runSettingsOf } from '../plan/run-settings.ts';
import type { Price } from '../plan/search.ts';
import type { Situation } from '../plan/situation.ts';
import { asUsual, likeRows, priceOf, situationFor } from '../plan/situation-for.ts';
import { type KnownGrounds, readGrounds } from './grounds.ts';
import { modelOf } from './models.ts';
import type { Parts } from './parts.ts';
import type { Prices } from './prices.ts';
import type { Implementer } from './router.ts';
import { configOf } from './run-config.ts';

/** What a run would take, by what this computer has measured and done; rejects when the signal aborts. */
export type FiguresFor = (
  request: RunRequest,
  signal?: AbortSignal,
  groundsFor?: (executor: string, device: string) => Grounds,
  part?: PricedPart,
) => Promise<PlanFigures>;

/** All methods side by side. */
export function proposeCall(os: Implementer, parts: Parts, prices: Prices, figuresFor: FiguresFor) {
  return os.plan.propose.handler(async ({ input, signal }) => {
    const asked = input as ProposeRequest;
    const { facts, situation, price } = await beginning(parts, asked, figuresFor, signal);
    const peaksOf: PeaksOf = (repos, settings) => {
      const usual = asUsual(settings);
      return prices.peaks(repos, usual, likeRows(facts, usual));
    };
    return propose({ ...situation, catalog: await parts.hub.catalog() }, price, peaksOf, asked.settings);
  });
}

/** The method that the person looks at, with all its figures; what others would take is not waited for. */
export function chosenCall(os: Implementer, parts: Parts, figuresFor: FiguresFor) {
  return os.plan.chosen.handler(async ({ input, signal }): Promise<ChosenPlan> => {
    const { method, soonMs = Number.POSITIVE_INFINITY, ...asked } = input as ChosenRequest;
    const late = performance.now() + soonMs;
    const { situation, price, figures } = await beginning(parts, asked, figuresFor, signal);
    const isLate = () => performance.now() > late;
    const { planned, isProven } = await proposeFor(method, situation, price, asked.settings, isLate);
    return { method, planned, figures: await figures(planned.runSettings), isBest: isProven };
  });
}

/** What both answers begin with: the rows, the situation, and the figures of settings. No model of the catalog is looked at. */
async function beginning(
  parts: Parts,
  asked: ProposeRequest,
  figuresFor: FiguresFor,
  signal: AbortSignal | undefined,
) {
  const { modelId, data, evalPaths, prompts } = asked;
  const request = (settings: RunRequest['settings']): RunRequest => ({
    ...{ name: 'plan', modelId, data, prompts, settings },
    ...(evalPaths && { evalPaths }),
  });
  // the rows are the same for every method, so that a look at another one asks nothing new
  const { method: _, ...settings } = asked.settings;
  const facts = await rowsOf(parts, request(settings), signal);
  // the history is read once for all that is priced
  const known = readGrounds(parts.store);
  const situation = await situationOf(parts, asked, facts, { request, known });
  const groundsFor = onceEach(known.of);
  const figures = (settings: RunRequest['settings'], part?: PricedPart) =>
    figuresFor(request(settings), signal, groundsFor, part);
  const price: Price = async (settings, part) =>
    pricedOf(await figures(runSettingsOf(settings, asked.settings), part));
  return { facts, situation, figures, price };
}

const pricedOf = ({ estimate, trainableParameters }: PlanFigures) => priceOf(estimate, trainableParameters);

type GroundsFor = (executor: string, device: string) => Grounds;

function onceEach(groundsOf: GroundsFor): GroundsFor {
  const known = new Map<string, Grounds>();
  return (executor, device) => {
    const key = `${executor} ${device}`;
    const grounds = known.get(key) ?? groundsOf(executor, device);
    known.set(key, grounds);
    return grounds;
  };
}

/** The rows of a run; no graph is priced for them. */
async function rowsOf(parts: Parts, request: RunRequest, signal?: AbortSignal): Promise<RowFacts> {
  const { config } = await configOf(parts, request, planFolder(parts));
  signal?.throwIfAborted();
  return await parts.engine.planRows(config, signal);
}

/** The folder of a run that does not take place. */
const planFolder = ({ store }: Parts) => path.join(store.folder, 'runs', 'plan');

async function situationOf(
  parts: Parts,
  asked: ProposeRequest,
  facts: RowFacts,
  {
    request,
    known,
  }: {
    readonly request: (settings: RunRequest['settings']) => RunRequest;
    readonly known: KnownGrounds;
  },
): Promise<Situation> {
  const { store } = parts;
  const { settings, evalPaths, goal = null, wish, from } = asked;
  return situationFor({
    ...{ facts, settings, goal, wish, hasHeldOutFile: evalPaths !== undefined },
    parameters: modelOf(parts, asked.modelId).parameters,
    devices: devicesOf(await hardwareNow(store.folder), known.measurements),
    freeBytes: await freeMemory.settled(),
    totalBytes: store.hardware.latest()?.totalMemory ?? osFacts.totalmem(),
    ...(from !== undefined && { repeats: await kept(parts, settings, request) }),
  });
}

/** All settings of a run that is repeated: what it named, and the engine's defaults for the rest. */
async function kept(
  parts: Parts,
  settings: RunRequest['settings'],
  request: (settings: RunRequest['settings']) => RunRequest,
): Promise<NonNullable<Situation['repeats']>> {
  const folder = planFolder(parts);
  const of = async (method: PlanMethod) => {
    const { config } = await configOf(parts, request({ ...settings, method }), folder);
    return planSettingsOf(config);
  };
  return { lora: await of('lora'), qlora: await of('qlora'), full: await of('full') };
}
