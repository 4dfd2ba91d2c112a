/**
 * The plan of a run: what it would do and take, from its rows and from the graph that will run, and what the planner proposes in its place.
 * The search is that of main/plan, over figures of real graphs.
 */
import osFacts from 'node:os';
import path from 'node:path';
import type {
  CatalogModel,
  ChosenPlan,
  ChosenRequest,
  PlanFigures,
  PlanMethod,
  PlanReading,
  Proposal,
  ProposeRequest,
  RunRequest,
} from '../../common/api/contract.ts';
import type { EngineEvent, PricedPart, RowFacts, RunPlan } from '../../common/protocol/protocol.ts';
import { said } from '../../common/words/language.ts';
import { PHASES } from '../../common/words/run.ts';
import { Changes } from '../changes.ts';
import type { RunConfig } from '../engine/config/config.ts';
import { freeMemory, hardwareNow } from '../hardware/facts.ts';
import { testWaysFor } from '../hardware/quick-ways.ts';
import { planSettingsOf, runSettingsOf } from '../plan/defaults.ts';
import { type CardFacts, cardAt, devicesOf } from '../plan/devices.ts';
import { estimate, type Grounds } from '../plan/estimate.ts';
import { fitOn } from '../plan/peak-memory.ts';
import { propose, proposeFor } from '../plan/propose.ts';
import type { Price } from '../plan/search.ts';
import type { Situation } from '../plan/situation.ts';
import {
  asUsual,
  catalogPeaks,
  likeRows,
  type PricesOf,
  priceOf,
  situationFor,
} from '../plan/situation-for.ts';
import { estimatesElsewhere, type KnownTarget } from './elsewhere.ts';
import { type KnownGrounds, readGrounds } from './grounds.ts';
import type { Parts } from './parts.ts';
import { PlanCache, PRICED_EXECUTOR, type Prices } from './plan-cache.ts';
import { Probes } from './probe.ts';
import { configOf } from './run-config.ts';

/** What a run would take, by what this computer has measured and done; rejects when the signal aborts. */
type FiguresFor = (
  request: RunRequest,
  signal?: AbortSignal,
  known?: KnownGrounds,
  part?: PricedPart,
) => Promise<PlanFigures>;

const READING_MS = 500;

export class Plans {
  readonly #parts: Parts;
  readonly #prices: Prices;
  readonly #cache: PlanCache;
  readonly #probes: Probes;
  readonly #changes = new Changes();
  #read: PlanReading = null;

  constructor(parts: Parts, prices: Prices) {
    this.#parts = parts;
    this.#prices = prices;
    this.#cache = new PlanCache(parts);
    this.#probes = new Probes(parts);
  }

  readonly figures: FiguresFor = async (request, signal, given, part = 'all') => {
    const { plan, config } = await this.#cache.plan(request, signal, part);
    const { executor, device = 'cpu' } = plan;
    // read after the price, which takes a while: a run may have ended by then
    const known = given ?? readGrounds(this.#parts.store);
    const grounds = { ...known.of(executor, device), probe: this.#probes.of(config) };
    const card = device === 'cpu' ? null : await cardOf(this.#parts, config, known);
    const { targets } = known;
    return figuresOf(plan, config, grounds, { freeBytes: await freeMemory.settled(), card, targets });
  };

  /** The figures after three real steps of the run. */
  async probed(request: RunRequest, signal?: AbortSignal): Promise<PlanFigures> {
    const { config } = await this.#cache.plan(request, signal);
    await this.#probes.take(config, signal);
    return this.figures(request, signal);
  }

  /** How far the rows of a plan are read, now and after each change. */
  reading(signal?: AbortSignal): AsyncGenerator<PlanReading> {
    return this.#changes.watch(() => this.#read, READING_MS, signal);
  }

  readonly #hear = (event: EngineEvent | null): void => {
    const known = event?.event === 'phase' ? event : null;
    const { fraction, secondsLeft } = known ?? {};
    // what is over in a moment is not told
    if (event !== null && (fraction === undefined || secondsLeft === undefined)) return;
    this.#read = known && {
      doing: said(PHASES[known.phase]),
      fraction: fraction!,
      secondsLeft: secondsLeft!,
    };
    this.#changes.tell();
  };

  async propose(asked: ProposeRequest, signal?: AbortSignal): Promise<Proposal> {
    const about = await prepare(this.#parts, asked, this.figures, this.#hear, signal);
    const catalog = await this.#parts.hub.catalog();
    return proposalOf({ ...about, catalog, own: asked.settings, pricesOf: this.#prices.of });
  }

  /** The method that the person looks at, with all its figures; what others would take is not waited for. */
  async chosen(request: ChosenRequest, signal?: AbortSignal): Promise<ChosenPlan> {
    const { method, soonMs = Number.POSITIVE_INFINITY, ...asked } = request;
    const late = performance.now() + soonMs;
    const { situation, price, figures } = await prepare(this.#parts, asked, this.figures, this.#hear, signal);
    const isLate = () => performance.now() > late;
    const { planned, isProven } = await proposeFor(method, situation, price, asked.settings, isLate);
    return { method, planned, figures: await figures(planned.runSettings), isBest: isProven };
  }
}

/** What a proposal is made from, in the window and on the command line. */
export interface Proposing {
  readonly situation: Situation;
  readonly facts: RowFacts;
  readonly price: Price;
  /** What the person has set, by the names of run.json with dots. */
  readonly own: Readonly<Record<string, unknown>>;
  readonly catalog: readonly CatalogModel[];
  readonly pricesOf: PricesOf;
  readonly known: KnownGrounds;
}

/** Full, LoRA and QLoRA side by side, and where none fits, what would. */
export function proposalOf({ situation, facts, price, own, ...others }: Proposing): Promise<Proposal> {
  const { catalog, pricesOf, known } = others;
  return propose(
    { ...situation, catalog },
    price,
    (repos, settings) => {
      const usual = asUsual(settings);
      const grounds = known.of(PRICED_EXECUTOR, usual.device);
      return catalogPeaks(repos, usual, likeRows(facts, usual), { pricesOf, grounds });
    },
    own,
  );
}

interface Around {
  readonly freeBytes: number;
  readonly card: CardFacts | null;
  readonly targets?: readonly KnownTarget[];
}

/** Memory in bytes, time in seconds, energy in kWh and its price for a run; what cannot be known is null. */
export function figuresOf(
  plan: RunPlan,
  config: RunConfig,
  grounds: Grounds,
  { freeBytes, card: known, targets = [] }: Around,
): PlanFigures {
  const card = plan.foundCard ?? known;
  const figures = estimate(plan, grounds);
  const needs = { peakBytes: figures.neededBytes, peakVramBytes: figures.peakVramBytes };
  const { out: _, ...shown } = config;
  return {
    ...plan,
    estimate: figures,
    peakBytes: figures.neededBytes.value,
    freeBytes,
    card,
    fit: fitOn(needs, { freeBytes, card }),
    seconds: figures.totalSeconds?.value ?? null,
    kwh: figures.kwh?.value ?? null,
    cost: figures.cost?.value ?? null,
    elsewhere: estimatesElsewhere(targets, plan, config),
    config: shown,
  };
}

/** The graphics card that a run is computed on; null where none is known for that. */
async function cardOf(
  { store }: Parts,
  { device, executor }: RunConfig,
  { measurements }: KnownGrounds,
): Promise<CardFacts | null> {
  const devices = devicesOf(await hardwareNow(store.folder), measurements);
  return device === 'auto' ? null : cardAt({ device, executor }, devices);
}

/** What both answers begin with: the rows, the situation, and the figures of settings. No model of the catalog is looked at. */
async function prepare(
  parts: Parts,
  asked: ProposeRequest,
  figuresFor: FiguresFor,
  hear: (event: EngineEvent | null) => void,
  signal: AbortSignal | undefined,
) {
  const { store, engine } = parts;
  const { modelId, data, evalPaths, prompts, goal = null, wish, from } = asked;
  const request = (settings: RunRequest['settings']): RunRequest => ({
    name: 'plan',
    modelId,
    data,
    prompts,
    settings,
    ...(evalPaths && { evalPaths }),
  });
  // the rows are the same for every method, so that a look at another one asks nothing new
  const { method: _, ...settings } = asked.settings;
  const { config } = await configOf(parts, request(settings), planFolder(parts));
  signal?.throwIfAborted();
  const facts = await engine.planRows(config, signal, hear).finally(() => hear(null));
  const { method = config.method, precision, device, executor } = planSettingsOf(asked.settings);
  const isOpen = precision === undefined && (device === undefined || device === 'cpu') && from === undefined;
  const { parameters } = facts;
  const about = {
    method,
    parameters,
    device,
    executor,
    settings: { ...config, device: 'cpu', executor: 'ort' },
  };
  if (isOpen) await testWaysFor(about, engine, { signal });
  // the history is read once for all that is priced
  const known = readGrounds(store);
  const situation = situationFor({
    facts,
    settings: asked.settings,
    goal,
    wish,
    hasHeldOutFile: evalPaths !== undefined,
    devices: devicesOf(await hardwareNow(store.folder), known.measurements),
    freeBytes: await freeMemory.settled(),
    totalBytes: store.hardware.latest()?.totalMemory ?? osFacts.totalmem(),
    ...(from !== undefined && { repeats: await kept(parts, asked.settings, request) }),
  });
  const figures = (settings: RunRequest['settings'], part?: PricedPart) =>
    figuresFor(request(settings), signal, known, part);
  const price: Price = async (settings, part) => {
    const { estimate, trainableParameters } = await figures(runSettingsOf(settings, asked.settings), part);
    return priceOf(estimate, trainableParameters);
  };
  return { facts, situation, figures, price, known };
}

/** The folder of a run that does not take place. */
const planFolder = ({ store }: Parts) => path.join(store.folder, 'runs', 'plan');

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
