/** What the benchmarks try of an extra that takes part in training. */
export interface BenchExtra {
  /** Flags of a training whose result `npm run bench:same` compares. */
  readonly train?: readonly string[];
  /** The same for a command that makes a run of another one. */
  readonly made?: (run: string) => readonly string[];
  /** Ways to train, by name, measured beside onnxruntime. */
  readonly ways?: Readonly<Record<string, readonly string[]>>;
  /** What saves memory in a full fine-tuning: flags to measure, and settings whose plan is compared with what they took. */
  readonly fullSettings?: readonly (readonly string[])[];
  readonly plannedWays?: readonly Readonly<Record<string, unknown>>[];
}
