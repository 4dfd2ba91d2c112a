/** The settings that "my own settings" offers in the list of what is proposed; every other one is under "All settings". */
import type { PlanField } from '../../../preload/contract.ts';

export interface Changeable {
  /** By the names of run.json. */
  readonly name: string;
  readonly range: {
    readonly min: number;
    readonly max: number;
    readonly step: number;
    readonly whole: boolean;
  };
}

const whole = (min: number, max: number, step = 1) => ({ min, max, step, whole: true });

export const CHANGEABLE: Readonly<Partial<Record<PlanField, Changeable>>> = {
  learningRate: { name: 'learningRate', range: { min: 1e-12, max: 10, step: 1e-5, whole: false } },
  epochs: { name: 'epochs', range: { min: 0.001, max: 100_000, step: 1, whole: false } },
  rank: { name: 'lora.rank', range: whole(1, 4096, 8) },
  maxLength: { name: 'maxLength', range: whole(8, 1_048_576, 64) },
  tokensPerMicroBatch: { name: 'tokensPerMicroBatch', range: whole(8, 1_048_576, 64) },
  gradientAccumulation: { name: 'gradientAccumulation', range: whole(1, 65_536) },
};
