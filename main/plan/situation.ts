/** What a proposal is made for: the model, the rows, the computer, the wish, and what the person has decided already. */
import type {
  DraftContent,
  PlanDevice,
  PlanMethod,
  PlanSettings,
  PlanWish,
} from '../../common/api/contract.ts';
import type { LengthProfile, TaskKind } from '../../common/protocol/protocol.ts';
import { type DeviceWish, placesToPrice } from './device-choice.ts';
import { type CardFacts, cardAt, type DeviceFacts } from './devices.ts';

export type Goal = NonNullable<DraftContent['goal']>;

/** Something that computes, with the memory that is free for it. */
export interface PlanExecutor {
  readonly name: string;
  /** The processor where it is left out. */
  readonly device?: PlanDevice;
  /** Of the computer's memory, which a run on a graphics card needs too. */
  readonly freeBytes: number;
  readonly card?: CardFacts | null;
}

export interface Situation {
  readonly model: {
    readonly parameters: number;
    /** Such as llama; left out where nobody has looked. */
    readonly family?: string | undefined;
    /** Tokens that it reads at once; null where that is not known. */
    readonly contextLength: number | null;
    /** Whether its files hold it in 16 bits, which frozen weights can stay in. */
    readonly isHalved?: boolean;
    /** Whether they hold it as it was trained, in 16 or 32 bits: then NF4 has a smaller quantisation error than even steps. */
    readonly isWhole?: boolean;
  };
  /** How many times as fast products in 8 bits make a step on this processor, where a test has shown that. */
  readonly int8Gain?: number | null;
  /** Rows that can be used, those that will be held out included. */
  readonly rows: number;
  /** What they teach; left out where nobody has looked. */
  readonly task?: TaskKind;
  /** null where nobody has counted their tokens. */
  readonly profile: LengthProfile | null;
  /** Whether a file of its own is measured on. */
  readonly hasHeldOutFile: boolean;
  readonly goal: Goal | null;
  readonly wish: PlanWish;
  /** All that are priced, the processor first (`placesToPrice`); or the one that is asked for. */
  readonly executors: readonly [PlanExecutor, ...PlanExecutor[]];
  /** What the choice among them rests on; none where there is nothing to choose. */
  readonly devices?: readonly DeviceFacts[];
  /** All memory of the computer: more cannot be freed by closing programs. */
  readonly totalBytes: number;
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

export function executorOf(
  { executors }: Pick<Situation, 'executors'>,
  { executor, device }: Pick<PlanSettings, 'executor' | 'device'>,
): PlanExecutor {
  const found = executors.find((one) => one.name === executor && (one.device ?? 'cpu') === device);
  return found ?? executors[0];
}

/** What has to be priced for the choice of a device; `freeBytes` of the computer's memory are free. */
export function executorsFor(
  devices: readonly DeviceFacts[],
  asked: DeviceWish,
  freeBytes: number,
): Situation['executors'] {
  const [first, ...others] = placesToPrice(devices, asked).map(
    (place): PlanExecutor => ({
      name: place.executor,
      device: place.device,
      freeBytes,
      card: cardAt(place, devices),
    }),
  );
  return [first!, ...others];
}
