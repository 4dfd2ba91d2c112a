/** A plan for a terminal: the figures of the run as it was given, or of what the planner proposes in its place. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  DeviceChoice,
  Hardware,
  PlanEstimate,
  PlanFit,
  PlanMethod,
  PlanWish,
  Proposal,
  Why,
} from '../../common/api/contract.ts';
import type { EngineEvent, RunPlan } from '../../common/protocol/protocol.ts';
import { nestedSettings } from '../../common/settings/form.ts';
import { LIGHTEST_FIRST } from '../../common/settings/plan.ts';
import { flattened } from '../../common/values.ts';
import type { RunConfig } from '../engine/config/config.ts';
import type { Testing } from '../hardware/quick-ways.ts';
import { readCatalog, withLocal } from '../hub/catalog.ts';
import { resourcesFolder } from '../paths.ts';
import { runSettingsOf } from '../plan/defaults.ts';
import type { DeviceWish } from '../plan/device-choice.ts';
import { type CardFacts, cardAt, type DeviceFacts, placeKey } from '../plan/devices.ts';
import { estimate, type Probe } from '../plan/estimate.ts';
import { fitOfEstimate } from '../plan/peak-memory.ts';
import { priceOf, situationFor } from '../plan/situation-for.ts';
import type { EngineCalls } from '../runs/engine-calls.ts';
import { chooseFor, type DeviceDecision } from './device-choice.ts';
import { type Costs, type KnownHere, knownHere } from './grounds.ts';
import { proposalOf } from './plan.ts';

type Settings = Readonly<Record<string, unknown>>;

/** What is asked of a plan. */
export interface Question {
  /** The complete configuration, and what files and flags name of it, as a tree. */
  readonly config: RunConfig;
  readonly named: Settings;
  readonly asked: DeviceWish;
  /** null: the run as it is, and a proposal only where it does not fit. */
  readonly wish: PlanWish | null;
  /** What the person says of electricity, over what is set in the application. */
  readonly costs: Partial<Costs>;
  /** Tries the run out; it is told what has been computed of that. */
  readonly probe: ((config: RunConfig, figures: PlanEstimate) => Promise<Probe>) | null;
}

interface PlanIo {
  readonly engine: Pick<
    EngineCalls,
    'plan' | 'planRows' | 'sampleRows' | 'prices' | 'makeRoom' | 'speedTest'
  >;
  readonly onTest?: Testing['onTest'];
  readonly hardware: Promise<Hardware>;
  /** Checks settings and fills in the defaults. */
  complete(settings: Settings): RunConfig;
  emit(event: EngineEvent): void;
  readonly stop: AbortSignal;
}

/** A run with all that is known of it. */
export interface PlannedHere {
  readonly plan: RunPlan;
  readonly method: PlanMethod;
  readonly figures: PlanEstimate;
  readonly fit: PlanFit;
  /** Of the computer's memory. */
  readonly freeBytes: number;
  readonly choice: DeviceChoice;
  /** Why the run computes in its number format, where that was chosen and stands in no proposal. */
  readonly precisionWhy: Why | null;
  readonly card: CardFacts | null;
  /** The methods side by side, where that was asked for or the run does not fit. */
  readonly proposal: Proposal | null;
  /** Whether the figures are those of the proposal, and not of the run as it was given. */
  readonly isProposed: boolean;
  /** The proposed run; null where there is none that fits. */
  readonly fitting: RunConfig | null;
  readonly known: KnownHere;
  /** What a person should know of the rows and the settings of the run. */
  readonly warnings: readonly PlanWarning[];
}

type PlanWarning = Pick<Extract<EngineEvent, { event: 'warning' }>, 'code' | 'message'>;

/** The plan of a run on this computer. */
export async function planHere(question: Question, io: PlanIo): Promise<PlannedHere> {
  const { config, named, asked, wish, probe, costs } = question;
  const { engine, hardware, stop } = io;
  // of the run that was planned last, which is the one that is shown
  let warnings: PlanWarning[] = [];
  const planOf = (one: RunConfig) => {
    warnings = [];
    return engine.plan(one, stop, 'all', (event) => {
      if (event.event !== 'warning') return io.emit(event);
      const { code, message } = event;
      if (!warnings.some((said) => said.message === message)) warnings.push({ code, message });
    });
  };
  const known = await knownHere(costs);
  const chosen = await chooseFor(config, asked, { known, hardware, planOf, engine, onTest: io.onTest });
  const planned = chosen.plan ?? (await planOf(chosen.config));
  const about: Proposing = { named, planned, chosen, known, io, wish: wish ?? { kind: 'best' } };
  const asProposed = wish === null ? null : await proposeHere(about);
  const run = asProposed ? proposedRun(asProposed, shownMethod(asProposed, named), about) : chosen;
  const plan = asProposed ? await planOf(run.config) : planned;
  const grounds = known.of(plan.executor, plan.device);
  const computed = estimate(plan, grounds);
  if (probe) engine.makeRoom();
  const figures = probe ? estimate(plan, { ...grounds, probe: await probe(run.config, computed) }) : computed;
  const { freeBytes } = chosen;
  const { choice } = run;
  const card = plan.foundCard ?? run.card;
  const fit = fitOfEstimate(figures, { freeBytes, card });
  const proposal = asProposed ?? (fit === 'too-big' ? await proposeHere(about) : null);
  const unusable = obstacleOf(chosen.devices, choice);
  if (unusable !== null) warnings.unshift(unusable);
  return {
    plan,
    figures,
    fit,
    freeBytes,
    choice,
    precisionWhy: asProposed ? null : chosen.precisionWhy,
    card,
    known,
    warnings,
    proposal,
    method: run.config.method,
    isProposed: asProposed !== null,
    fitting: proposal && fittingRun(proposal, asProposed && run, about),
  };
}

/** What keeps Fettle from computing on the card that was asked for; null where nothing does. */
function obstacleOf(devices: readonly DeviceFacts[], { device, executor }: DeviceChoice): PlanWarning | null {
  if (device === 'cpu') return null;
  const found = devices.find((one) => placeKey(one) === placeKey({ device, executor }));
  const obstacle = found ? found.obstacle : 'This computer has nothing that could.';
  if (obstacle === null) return null;
  const unknown = found?.card ? '' : ' Whether the run would fit into the memory of a card is not known.';
  return { code: 'no-card', message: `Nothing computes with --device ${device} here: ${obstacle}${unknown}` };
}

/** The run that is shown where it fits, or else what is recommended. */
function fittingRun(
  proposal: Proposal,
  shown: Pick<Proposed, 'config'> | null,
  about: Proposing,
): RunConfig | null {
  const fits = proposal.methods.find(({ method, planned }) =>
    shown ? method === shown.config.method && planned.fit !== 'too-big' : method === proposal.recommended,
  );
  return fits ? proposedRun(proposal, fits.method, about).config : null;
}

/** Where a run that does not take place would be. */
export const NOWHERE = { out: join(tmpdir(), 'fettle-plan') };

/** Files and how they are read: the same in all that is compared. */
const FILES: ReadonlySet<string> = new Set([
  ...['model', 'data', 'evalData', 'out', 'samplePrompts', 'map', 'promptTemplate', 'system', 'sheet'],
  'replayData',
]);

interface Proposing {
  /** What files and flags name, as a tree; nothing of it is changed. */
  readonly named: Settings;
  /** The run as it was given, with its figures. */
  readonly planned: RunPlan;
  readonly chosen: DeviceDecision;
  readonly wish: PlanWish;
  readonly known: KnownHere;
  readonly io: PlanIo;
}

/** The run that a proposal describes. */
interface Proposed {
  readonly config: RunConfig;
  readonly choice: DeviceChoice;
  readonly card: CardFacts | null;
}

/** Full, LoRA and QLoRA side by side; what `named` says holds for each of them. */
async function proposeHere(about: Proposing): Promise<Proposal> {
  const { named, planned, chosen, wish, known, io } = about;
  const { engine, stop } = io;
  const own = ownOf(named);
  return proposalOf({
    facts: planned,
    situation: situationFor({
      facts: planned,
      settings: own,
      goal: null,
      wish,
      devices: chosen.devices,
      freeBytes: chosen.freeBytes,
      totalBytes: chosen.totalBytes,
      hasHeldOutFile: named.evalData !== undefined,
    }),
    price: async (settings, part) => {
      const plan = await engine.plan(configOf(runSettingsOf(settings, own), about), stop, part);
      return priceOf(estimate(plan, known.of(plan.executor, plan.device)), plan.trainableParameters);
    },
    own,
    catalog: withLocal(await readCatalog(resourcesFolder()), known.models),
    pricesOf: (cases) => engine.prices(cases, stop),
    known,
  });
}

/** What the person has set, by the names of run.json with dots, without the files. */
function ownOf(named: Settings): Settings {
  const entries = Object.entries(flattened(named)).filter(([name]) => !FILES.has(name));
  return Object.fromEntries(entries);
}

/** The configuration of a run with `settings`, which have names with dots, on the files of `named`. */
function configOf(settings: Settings, { named, io }: Proposing): RunConfig {
  const files = Object.fromEntries(Object.entries(named).filter(([name]) => FILES.has(name)));
  return io.complete({ ...files, ...NOWHERE, ...(nestedSettings(settings) as Settings) });
}

/** The method whose figures are shown: the one that the person has named, else the recommended one, else the lightest. */
function shownMethod({ recommended }: Proposal, { method }: Settings): PlanMethod {
  return (method as PlanMethod | undefined) ?? recommended ?? LIGHTEST_FIRST[0]!;
}

/** The run of a proposal with `method`, where it is computed, and why there. */
function proposedRun(proposal: Proposal, method: PlanMethod, about: Proposing): Proposed {
  const { chosen } = about;
  const { planned } = proposal.methods.find((one) => one.method === method)!;
  const { runSettings, settings, devices } = planned;
  const { device, executor } = settings;
  const reason = String(runSettings.deviceWhy ?? chosen.choice.reason);
  return {
    config: configOf(runSettings, about),
    choice: { device, executor, reason, offers: devices },
    card: cardAt({ device, executor }, chosen.devices),
  };
}
