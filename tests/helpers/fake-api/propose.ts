/** The fake API's proposals: those of the real planner, over the fake figures and rows whose lengths are made up. */
import { devicesOf } from '../../../main/plan/devices.ts';
import { propose, proposeFor } from '../../../main/plan/propose.ts';
import { isMethod, planSettingsOf, runSettingsOf } from '../../../main/plan/run-settings.ts';
import { askedOf, type Price } from '../../../main/plan/search.ts';
import { executorsFor, type Situation } from '../../../main/plan/situation.ts';
import type {
  CatalogModel,
  ChosenPlan,
  ChosenRequest,
  Proposal,
  ProposeRequest,
} from '../../../preload/contract.ts';
import { profileOf } from '../fake-price.ts';
import { fakeFigures } from './data.ts';
import { fakeHardware } from './hardware.ts';
import { fakePrices } from './needs.ts';
import type { FakeWorld } from './world.ts';

const ROWS = 500;
/** By which other models are priced. */
const LIKE_ROWS = { count: 200, tokens: 256, labelled: 100 };
/** Most rows have 30 to 150 tokens, some up to 310. */
const PROFILE = profileOf(
  Array.from({ length: ROWS }, (_, i) => (i % 25 === 0 ? 160 + ((i * 7) % 151) : 30 + ((i * 13) % 121))),
);

export interface FakeComputer extends Pick<FakeWorld, 'facts' | 'settings'> {
  readonly parameters: number;
  readonly freeBytes: number;
  readonly totalBytes: number;
  readonly catalog: readonly CatalogModel[];
}

export async function fakeProposal(request: ProposeRequest, computer: FakeComputer): Promise<Proposal> {
  return propose(
    situationOf(request, computer),
    priceOf(request),
    (repos, planned) => fakePrices(computer).peaks(repos, planned, LIKE_ROWS),
    request.settings,
  );
}

export async function fakeChosen(request: ChosenRequest, computer: FakeComputer): Promise<ChosenPlan> {
  const { method, settings } = request;
  const planned = await proposeFor(method, situationOf(request, computer), priceOf(request), settings);
  return { method, planned, figures: fakeFigures({ ...planned.runSettings }, computer.freeBytes) };
}

function priceOf({ settings }: ProposeRequest): Price {
  return (planned) => {
    const { estimate, trainableParameters } = fakeFigures(runSettingsOf(planned, settings));
    const { neededBytes: peakBytes, totalSeconds, peakVramBytes } = estimate;
    return { peakBytes, totalSeconds, peakVramBytes, trainableParameters };
  };
}

function situationOf(
  { settings, wish, goal, evalPaths, from }: ProposeRequest,
  { parameters, freeBytes, totalBytes, catalog, facts }: FakeComputer,
): Situation {
  const own = planSettingsOf(settings);
  const { hardware = fakeHardware, rates } = facts;
  const devices = devicesOf(hardware, { rates, ranOn: new Set() });
  const kept = { epochs: 3, learningRate: 2e-4, maxLength: 256, ...own };
  return {
    model: { parameters, contextLength: 8192 },
    ...{ rows: ROWS, profile: PROFILE, hasHeldOutFile: evalPaths !== undefined, wish },
    goal: goal ?? null,
    ...{ devices, executors: executorsFor(devices, askedOf({ own }), freeBytes) },
    totalBytes,
    own: { ...own, ...(isMethod(settings.method) && { method: settings.method }) },
    ...(from !== undefined && { repeats: { lora: kept, qlora: kept, full: kept } }),
    catalog: catalog.map(({ name, repo, localId, parameters: size }) => ({
      name,
      repo,
      localId,
      parameters: size,
    })),
  };
}
