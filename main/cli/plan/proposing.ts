/** What the planner would choose for a run: the search of main/plan over the figures of real graphs, as in the window. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type {
  DeviceChoice,
  LocalModel,
  PlanMethod,
  PlanWish,
  Proposal,
} from '../../../common/api/contract.ts';
import type { RunPlan } from '../../../common/protocol/protocol.ts';
import { flatSettings } from '../../api/differences.ts';
import { parseRunConfig, type RunConfig } from '../../engine/config/config.ts';
import { nestedSettings } from '../../engine/session/app-settings.ts';
import type { Planner } from '../../engine/session/planner/planner.ts';
import { readCatalog, withLocal } from '../../hub/catalog.ts';
import { resourcesFolder } from '../../paths.ts';
import { type CardFacts, cardAt } from '../../plan/devices.ts';
import { estimate } from '../../plan/estimate.ts';
import { catalogPeaks } from '../../plan/example-run.ts';
import { LIGHTEST_FIRST } from '../../plan/nearest.ts';
import { propose } from '../../plan/propose.ts';
import { runSettingsOf } from '../../plan/run-settings.ts';
import type { Price } from '../../plan/search.ts';
import { asUsual, likeRows, priceOf, situationFor } from '../../plan/situation-for.ts';
import type { Chosen } from '../chosen-device.ts';
import type { KnownHere } from '../grounds.ts';
import { absolutePaths, type Settings } from '../settings.ts';

/** Where a run that does not take place would be. */
export const NOWHERE = { out: join(tmpdir(), 'fettle-plan') };

/** Files and how they are read: the same in all that is compared. */
const FILES: ReadonlySet<string> = new Set([
  ...[
    'model',
    'data',
    'evalData',
    'out',
    'samplePrompts',
    'map',
    'promptTemplate',
    'system',
    'sheet',
    'replayData',
  ],
]);

export interface Proposing {
  /** What files and flags name, as a tree; nothing of it is changed. */
  readonly named: Settings;
  /** The run as it was given, with its figures. */
  readonly planned: RunPlan;
  readonly chosen: Chosen;
  readonly wish: PlanWish;
  readonly known: KnownHere;
  readonly planner: Planner;
  readonly stop: AbortSignal;
}

/** The run that a proposal comes to. */
export interface Proposed {
  readonly config: RunConfig;
  readonly choice: DeviceChoice;
  readonly card: CardFacts | null;
}

/** Full, LoRA and QLoRA side by side; what `named` says holds for each of them. */
export async function proposeHere(about: Proposing): Promise<Proposal> {
  const { named, planned, chosen, wish, known, planner, stop } = about;
  const own = ownOf(named);
  const situation = situationFor({
    ...{ facts: planned, parameters: planned.parameters, settings: own, goal: null, wish },
    ...{ devices: chosen.devices, freeBytes: chosen.freeBytes, totalBytes: chosen.totalBytes },
    hasHeldOutFile: named.evalData !== undefined,
  });
  const price: Price = async (settings, part) => {
    const config = configOf(named, runSettingsOf(settings, own));
    const plan = await planner.plan(config, { emit: () => {}, stop }, part);
    return priceOf(estimate(plan, known.of(plan.executor, plan.device)), plan.trainableParameters);
  };
  const { pricesOf } = await import('../../engine/session/prices.ts');
  const catalog = withLocal(await readCatalog(resourcesFolder()), known.models);
  return propose(
    { ...situation, catalog },
    price,
    (repos, settings) => {
      const usual = asUsual(settings);
      return catalogPeaks(repos, usual, likeRows(planned, usual), {
        ...{ pricesOf: (cases) => pricesOf(cases, stop), grounds: known.of('ort', usual.device) },
      });
    },
    own,
  );
}

/** What the person has set, by the names of run.json with dots, without the files. */
function ownOf(named: Settings): Settings {
  const entries = Object.entries(flatSettings(named)).filter(([name]) => !FILES.has(name));
  return Object.fromEntries(entries);
}

/** The configuration of a run with `settings`, which have names with dots, on the files of `named`. */
function configOf(named: Settings, settings: Readonly<Record<string, unknown>>): RunConfig {
  const files = Object.fromEntries(Object.entries(named).filter(([name]) => FILES.has(name)));
  const nested = nestedSettings(settings) as Settings;
  return absolutePaths(parseRunConfig({ ...files, ...NOWHERE, ...nested }));
}

/** The method whose figures are shown: the one that the person has named, else the recommended one, else the lightest. */
export function shownMethod({ recommended }: Proposal, { method }: Settings): PlanMethod {
  return (method as PlanMethod | undefined) ?? recommended ?? LIGHTEST_FIRST[0]!;
}

/** The run of a proposal with `method`, where it is computed, and why there. */
export function proposedRun(proposal: Proposal, method: PlanMethod, { named, chosen }: Proposing): Proposed {
  const { planned } = proposal.methods.find((one) => one.method === method)!;
  const { runSettings, settings, devices } = planned;
  const { device, executor } = settings;
  const reason = String(runSettings.deviceWhy ?? chosen.choice.reason);
  return {
    config: configOf(named, runSettings),
    choice: { device, executor, reason, offers: devices },
    card: cardAt({ device, executor }, chosen.devices),
  };
}

/** Where a model of the catalog lies on this computer; null where it does not. */
export function placeOf(localId: string | null, models: readonly LocalModel[]): string | null {
  return models.find(({ id }) => id === localId)?.path ?? null;
}
