/** What a proposal is made for: the model, the rows, the computer, the wish, and what the person has decided already. */
import type { DraftContent, PlanLever, PlanMethod, PlanSettings, PlanWish } from '../../preload/contract.ts';
import type { LengthProfile } from '../engine/protocol.ts';

export type Goal = NonNullable<DraftContent['goal']>;

/** Something that computes, with the memory that is free for it. */
export interface PlanExecutor {
  readonly name: string;
  readonly freeBytes: number;
  /** Tokens that keep it busy at once. */
  readonly microTokens?: number;
}

export interface Situation {
  readonly model: {
    readonly parameters: number;
    /** Tokens that it reads at once; null where that is not known. */
    readonly contextLength: number | null;
    /** Whether its files hold it in 16 bits, which frozen weights can stay in. */
    readonly isHalved?: boolean;
  };
  /** Rows that can be used, those that will be held out included. */
  readonly rows: number;
  /** null where nobody has counted their tokens. */
  readonly profile: LengthProfile | null;
  /** Whether a file of its own is measured on. */
  readonly hasHeldOutFile: boolean;
  readonly goal: Goal | null;
  readonly wish: PlanWish;
  /** Best first; a later one serves where nothing fits an earlier one. */
  readonly executors: readonly [PlanExecutor, ...PlanExecutor[]];
  /** All memory of the computer: more cannot be freed by closing programs. */
  readonly totalBytes: number;
  /** What the engine has beside the plain methods. */
  readonly levers: readonly PlanLever[];
  /** What the person has set; it is never changed. */
  readonly own: Readonly<Partial<PlanSettings>>;
  /** A run that is repeated keeps all its settings, by method, and nothing is proposed. */
  readonly repeats?: Readonly<Partial<Record<PlanMethod, Readonly<Partial<PlanSettings>>>>>;
  /** Other models, for the case that nothing fits. */
  readonly catalog: readonly {
    readonly name: string;
    readonly repo: string;
    readonly localId: string | null;
    readonly parameters: number;
  }[];
}
