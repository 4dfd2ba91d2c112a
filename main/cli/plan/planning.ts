/** The work of `fettle plan`: the figures of the run as it was given, or of what the planner proposes in its place. */
import type {
  DeviceChoice,
  PlanEstimate,
  PlanFit,
  PlanMethod,
  PlanWish,
  Proposal,
} from '../../../common/api/contract.ts';
import type { EngineEvent, RunPlan } from '../../../common/protocol/protocol.ts';
import type { RunConfig } from '../../engine/config/config.ts';
import { Planner } from '../../engine/session/planner/planner.ts';
import type { Asked } from '../../plan/device-choice.ts';
import { type CardFacts, type DeviceFacts, placeKey } from '../../plan/devices.ts';
import { estimate, type Probe } from '../../plan/estimate.ts';
import { fitOfEstimate } from '../../plan/fit.ts';
import { chooseHere } from '../chosen-device.ts';
import { type Costs, type KnownHere, knownHere } from '../grounds.ts';
import type { Settings } from '../settings.ts';
import { type Proposed, type Proposing, proposedRun, proposeHere, shownMethod } from './proposing.ts';
import { trainCommand } from './train-command.ts';

/** What is asked of a plan. */
export interface Question {
  /** The complete configuration, and what files and flags name of it. */
  readonly config: RunConfig;
  readonly named: Settings;
  readonly asked: Asked;
  /** null: the run as it is, and a proposal only where it does not fit. */
  readonly wish: PlanWish | null;
  /** What the person says of electricity, over what is set in the application. */
  readonly costs: Partial<Costs>;
  /** Tries the run out; it is told what has been computed of that. */
  readonly probe: ((config: RunConfig, figures: PlanEstimate) => Promise<Probe>) | null;
}

export interface PlanIo {
  emit(event: EngineEvent): void;
  /** Says what comes now. */
  note(text: string): void;
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
  readonly card: CardFacts | null;
  /** The methods side by side, where that was asked for or the run does not fit. */
  readonly proposal: Proposal | null;
  /** Whether the figures are those of the proposal, and not of the run as it was given. */
  readonly isProposed: boolean;
  /** What makes the proposed run; null where there is none that fits. */
  readonly command: string | null;
  readonly known: KnownHere;
  /** What a person should know of the rows and the settings of the run. */
  readonly warnings: readonly PlanWarning[];
}

export type PlanWarning = Pick<Extract<EngineEvent, { event: 'warning' }>, 'code' | 'message'>;

/** The plan of a run on this computer. */
export async function planHere(question: Question, io: PlanIo): Promise<PlannedHere> {
  const { config, named, asked, wish, probe, costs } = question;
  const planner = new Planner();
  try {
    // of the run that was planned last, which is the one that is shown
    let warnings: PlanWarning[] = [];
    const planOf = (one: RunConfig) => {
      warnings = [];
      const emit = (event: EngineEvent) => {
        if (event.event !== 'warning') return io.emit(event);
        const { code, message } = event;
        if (!warnings.some((said) => said.message === message)) warnings.push({ code, message });
      };
      return planner.plan(one, { emit, stop: io.stop });
    };
    const known = withCosts(await knownHere(), costs);
    const chosen = await chooseHere(config, asked, planOf);
    const planned = chosen.plan ?? (await planOf(chosen.config));
    const about: Proposing = {
      ...{ named, planned, chosen, known, planner, stop: io.stop },
      wish: wish ?? { kind: 'best' },
    };
    const asProposed = wish === null ? null : await proposeHere(about);
    const run = asProposed ? proposedRun(asProposed, shownMethod(asProposed, named), about) : chosen;
    const plan = asProposed ? await planOf(run.config) : planned;
    const grounds = known.of(plan.executor, plan.device);
    const computed = estimate(plan, grounds);
    const figures = probe
      ? estimate(plan, { ...grounds, probe: await probe(run.config, computed) })
      : computed;
    const { freeBytes } = chosen;
    const { choice, card } = run;
    const fit = fitOfEstimate(figures, { freeBytes, card });
    const proposal = asProposed ?? (fit === 'too-big' ? await proposeHere(about) : null);
    const unusable = obstacleOf(chosen.devices, choice);
    if (unusable !== null) warnings.unshift(unusable);
    return {
      ...{ plan, figures, fit, freeBytes, choice, card, known, warnings, proposal },
      method: run.config.method,
      isProposed: asProposed !== null,
      command: proposal && (await commandOf(proposal, asProposed && run, about)),
    };
  } finally {
    await planner.close();
  }
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

function withCosts(known: KnownHere, given: Partial<Costs>): KnownHere {
  const costs = { ...known.costs, ...given };
  const { watts, pricePerKwh } = costs;
  return { ...known, costs, of: (...place) => ({ ...known.of(...place), watts, pricePerKwh }) };
}

/** Of the run that is shown where it fits, or else of what is recommended. */
async function commandOf(
  proposal: Proposal,
  shown: Pick<Proposed, 'config'> | null,
  about: Proposing,
): Promise<string | null> {
  const fits = proposal.methods.find(({ method, planned }) =>
    shown ? method === shown.config.method && planned.fit !== 'too-big' : method === proposal.recommended,
  );
  return fits ? trainCommand(proposedRun(proposal, fits.method, about).config, about.named) : null;
}
