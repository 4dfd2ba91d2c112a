/**
 * The run that is being prepared: the answers of the wizard, what is known about them, and the drafts that
 * keep them. It lives as long as the page, so that a look at the history in between loses nothing.
 */
import type {
  ChosenPlan,
  DataLook,
  DoctorReport,
  Draft,
  DraftContent,
  MixedRow,
  NewTokens,
  PlanFigures,
  PlanMethod,
  PlannedMethod,
  PlanWish,
  Problem,
  Proposal,
  ProposeRequest,
  RunRequest,
} from '../../common/api/contract.ts';
import { GOAL_SETTINGS } from '../../common/settings/suits.ts';
import { defined, flattened } from '../../common/values.ts';
import { api } from '../api.ts';
import { models } from './models.svelte.ts';
import {
  areOtherRows,
  concernOf,
  dataInUse,
  type Findings,
  isOtherRun,
  isWorthKeeping,
  missingStep,
  type StepId,
  stateOf,
  touchedBy,
} from './wizard-steps.ts';

class Drafts {
  list = $state.raw<readonly Draft[]>([]);
  loaded = $state(false);

  async refresh(): Promise<void> {
    this.list = await api.drafts.list();
    this.loaded = true;
  }

  /** Keeps a draft, a new one where `id` is missing. */
  async save(id: string | undefined, content: DraftContent): Promise<Draft> {
    const draft = await api.drafts.save(id === undefined ? { content } : { id, content });
    this.list = [draft, ...this.list.filter((each) => each.id !== draft.id)];
    return draft;
  }

  async discard(id: string): Promise<void> {
    await api.drafts.discard({ id });
    this.list = this.list.filter((each) => each.id !== id);
  }
}

export const drafts = new Drafts();

const METHODS: readonly PlanMethod[] = ['lora', 'qlora', 'full'];
const SAVE_AFTER_MS = 500;
/** How long a night is, where the person has not said so. */
export const USUAL_WISH_HOURS = 8;

export type Saved = 'none' | 'saving' | 'saved' | 'failed';

/** Where a draft is kept; an object, so that a save under way belongs to the run that began it. */
interface Place {
  id: string | undefined;
}

class Wizard {
  content = $state.raw<DraftContent>({});
  saved = $state<Saved>('none');
  touched = $state.raw<Findings['touched']>({});

  /** What was seen of the data, or why it cannot be read. */
  look = $state.raw<DataLook | null>(null);
  lookProblem = $state.raw<Problem | null>(null);
  looking = $state(false);
  /** Rows of the file that is measured on. */
  heldOutLook = $state.raw<DataLook | null>(null);
  /** Columns are being chosen and do not make rows yet. */
  mapPending = $state(false);
  report = $state.raw<DoctorReport | null>(null);
  /** Rows that a run mixed up, for the person to look at; null once they have. */
  mixedUp = $state.raw<readonly MixedRow[] | null>(null);
  /** The methods side by side with their settings; the last ones while new ones are worked out. */
  proposal = $state.raw<Proposal | null>(null);
  /** The method that is looked at: its settings and figures are there before the comparison. */
  chosen = $state.raw<ChosenPlan | null>(null);
  figures = $state.raw<PlanFigures | null>(null);
  planSeen = $state(false);

  readonly model = $derived(models.byId(this.content.modelId));
  readonly data = $derived(dataInUse(this.content));
  readonly findings = $derived<Findings>({
    modelAvailable:
      models.loaded && this.content.modelId !== undefined ? (this.model?.available ?? false) : null,
    dataFailed: this.lookProblem !== null || Boolean(this.look?.problem) || this.mapPending,
    rows: this.look?.rows ?? null,
    harms: this.report?.findings.filter(({ severity }) => severity === 'harm').length ?? 0,
    planSeen: this.planSeen && this.figures !== null,
    tooBig: this.figures !== null && this.figures.peakBytes > this.figures.freeBytes,
    touched: this.touched,
  });
  /** The recommended method; LoRA while none is known or none fits. */
  readonly bestMethod = $derived<PlanMethod>(this.proposal?.recommended ?? 'lora');
  readonly method = $derived<PlanMethod>(this.#method());
  readonly wish = $derived<PlanWish>(
    this.content.wish === 'tonight'
      ? { kind: 'tonight', hours: this.content.wishHours ?? USUAL_WISH_HOURS }
      : { kind: 'best' },
  );
  readonly settings = $derived(this.settingsFor(this.method));
  /** As the person has given them; they are never proposed. Undefined where there are none. */
  readonly newTokens = $derived(this.content.settings?.newTokens as NewTokens | undefined);
  readonly missing = $derived(missingStep(this.content, this.findings));

  #place: Place = { id: undefined };
  #timer: ReturnType<typeof setTimeout> | undefined;
  #saving: Promise<void> = Promise.resolve();

  /** The draft's id, once it has been saved. */
  get id(): string | undefined {
    return this.#place.id;
  }

  stateOf(step: StepId) {
    return stateOf(step, this.content, this.findings);
  }

  concernOf(step: StepId) {
    return concernOf(step, this.content, this.findings);
  }

  /** Changes the answer of a step and marks later ones that depend on it; undefined removes a member. */
  change(
    step: StepId,
    change: { readonly [Name in keyof DraftContent]?: DraftContent[Name] | undefined },
  ): void {
    const before = this.content;
    this.content = defined({ ...before, ...change }) as DraftContent;
    if (JSON.stringify(before) === JSON.stringify(this.content)) return;
    if (areOtherRows(before, this.content)) this.content = defined({ ...this.content, sorterId: undefined });
    if (isOtherRun(before, this.content)) [this.proposal, this.chosen] = [null, null];
    const touches = touchedBy(step, before, this.findings).map((later) => [later, step] as const);
    this.touched = { ...this.touched, ...Object.fromEntries(touches) };
    this.#saveSoon();
  }

  /** Sets one setting of the run; undefined goes back to the proposed value. */
  set(step: StepId, name: string, value: unknown): void {
    const settings = defined({ ...this.content.settings, [name]: value });
    this.change(step, { settings: Object.keys(settings).length === 0 ? undefined : settings });
  }

  /** Remembers which step is open; that touches nothing. */
  visit(step: StepId): void {
    if (step === 'plan') this.planSeen = true;
    if (this.content.step === step) return;
    this.content = { ...this.content, step };
    if (isWorthKeeping(this.content)) this.#saveSoon();
  }

  /** The person has seen what a change touched. */
  settle(step: StepId): void {
    const { [step]: _, ...others } = this.touched;
    this.touched = others;
  }

  /** Goes on with a kept draft. */
  open(draft: Draft): void {
    this.#clear();
    this.#place = { id: draft.id };
    const { settings } = draft.content;
    this.content =
      settings === undefined ? draft.content : { ...draft.content, settings: flattened(settings) };
    this.saved = 'saved';
  }

  /** An empty run; the draft of the one before is kept. */
  async startOver(): Promise<void> {
    await this.saveNow();
    this.#clear();
  }

  /** Forgets the run without saving it. */
  forget(): void {
    this.#clear();
  }

  /** Forgets the run after its start, and its draft, which would be offered again; what was being saved meanwhile, too. */
  async started(): Promise<void> {
    const place = this.#place;
    this.forget();
    await this.#saving;
    if (place.id !== undefined) await drafts.discard(place.id);
  }

  /** Saves what has not been saved yet. */
  async saveNow(): Promise<void> {
    if (this.#timer !== undefined) this.#save();
    await this.#saving;
  }

  /** The proposal for a method; undefined while unknown, or where the engine does not have the method. */
  plannedFor(method: PlanMethod): PlannedMethod | undefined {
    if (this.chosen?.method === method) return this.chosen.planned;
    return this.proposal?.methods.find((plan) => plan.method === method)?.planned ?? undefined;
  }

  /** The settings of the run with a method: the proposed ones, and over them what the person has set. */
  settingsFor(method: PlanMethod): Record<string, unknown> {
    return { ...this.plannedFor(method)?.runSettings, ...this.#ownSettings(), method };
  }

  /** The run as it would start; null while model, data or a new run's settings are missing. */
  requestFor(method: PlanMethod, name: string): RunRequest | null {
    const { modelId, evalPaths, from } = this.content;
    if (modelId === undefined || this.data === undefined) return null;
    if (from === undefined && this.plannedFor(method) === undefined) return null;
    return defined({
      name,
      modelId,
      data: this.data,
      evalPaths,
      from,
      prompts: this.#prompts(),
      settings: this.settingsFor(method),
    }) as RunRequest;
  }

  /** What the planner is asked for; null while model or data are missing. */
  get proposeRequest(): ProposeRequest | null {
    const { modelId, evalPaths, from, goal } = this.content;
    if (modelId === undefined || this.data === undefined) return null;
    return defined({
      modelId,
      data: this.data,
      evalPaths,
      settings: this.#ownSettings(),
      from,
      goal,
      // their answers take memory and time
      prompts: this.#prompts(),
      wish: this.wish,
    }) as ProposeRequest;
  }

  /** What the person has set, over what the goal brings; a repeated run has its own. */
  #ownSettings(): Record<string, unknown> {
    const { goal, from, settings } = this.content;
    return { ...(goal !== undefined && from === undefined && GOAL_SETTINGS[goal]), ...settings };
  }

  /** Whether the method is the person's own choice, and not that of a comparison, which may change it. */
  get isMethodOwn(): boolean {
    const { settings, from } = this.content;
    return settings?.method !== undefined || from !== undefined;
  }

  /** The person's choice, else the proposed one; a repeated run that names none had LoRA, the default. */
  #method(): PlanMethod {
    const { settings, from } = this.content;
    const method = METHODS.find((one) => one === settings?.method);
    if (method) return method;
    return from === undefined ? this.bestMethod : 'lora';
  }

  #prompts(): string[] {
    return (this.content.prompts ?? []).map((prompt) => prompt.trim()).filter(Boolean);
  }

  #clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#place = { id: undefined };
    this.content = {};
    this.saved = 'none';
    this.touched = {};
    this.look = null;
    this.lookProblem = null;
    this.heldOutLook = null;
    this.mapPending = false;
    this.report = null;
    this.mixedUp = null;
    this.proposal = null;
    this.chosen = null;
    this.figures = null;
    this.planSeen = false;
  }

  #saveSoon(): void {
    this.saved = 'saving';
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#save(), SAVE_AFTER_MS);
  }

  /** One after the other, so that the first save has given the draft its id before the second begins. */
  #save(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const { content } = this;
    const place = this.#place;
    this.#saving = this.#saving.then(async () => {
      try {
        place.id = (await drafts.save(place.id, content)).id;
        if (place === this.#place && this.#timer === undefined) this.saved = 'saved';
      } catch {
        if (place === this.#place) this.saved = 'failed';
      }
    });
  }
}

export const wizard = new Wizard();
