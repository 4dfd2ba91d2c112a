/** How `npm run verify:device` checks an extra's executor. */
export interface DeviceCheck {
  /** As a report's title goes on: "with TensorFlow.js on". */
  readonly title: string;
  /** What its backend is, in the help. */
  readonly help: string;
  /** Whole trainings that must keep nothing, and what one of `steps` steps keeps. */
  readonly trainings: readonly string[];
  leaksOfTraining(
    training: string,
    steps: number,
  ): Promise<{ readonly afterSteps: readonly number[]; readonly afterEnd: number }>;
}
