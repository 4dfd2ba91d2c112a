/** What is exported, opened and ready, and what a form of export says: its size, files and proof. */

import type { ExportProof } from '../../../common/protocol/protocol.ts';
import type { LoraAdapter } from '../io/peft.ts';
import type { LoadedAdapter } from '../load/adapter.ts';
import type { ReadyModel } from '../load/ready-model.ts';
import type { ProofIo, TrainedSide } from './prove.ts';
import type { Target } from './target.ts';

export interface ModelFacts {
  /** A short name without spaces, such as `SmolLM2-135M-Instruct-first`. */
  readonly name: string;
  /** The model that was trained, or is exported as it is: its name on the Hub where its files tell it. */
  readonly baseModel: string | null;
  readonly licence: string | null;
  readonly tags: readonly string[];
}

/** What was exported: an adapter, a whole model, a GGUF file, an adapter as a GGUF file. */
export type CardForm = 'peft' | 'safetensors' | 'gguf' | 'gguf-adapter';

/** Types of weights by their names on the command line. */
export type ExportType = 'f32' | 'f16' | 'bf16' | 'q8_0' | 'q5_1' | 'q5_0' | 'q4_1' | 'q4_0';

export interface ExportJob extends Omit<ReadyModel, 'executor'> {
  readonly form: CardForm;
  readonly type: ExportType;
  readonly target: Target;
  /** The adapter as stored, and the same for the engine. */
  readonly stored: LoraAdapter | null;
  readonly adapter: LoadedAdapter;
  readonly facts: ModelFacts;
  /** The system message that all training rows had, or null. */
  readonly system: string | null;
}

export interface Form {
  /** Bytes that writing and proving take on the disk. */
  diskBytes(job: ExportJob): number;
  /** Writes everything but the card into `folder`; gives what a person should know. */
  write(job: ExportJob, folder: string, io: ProofIo): Promise<readonly string[]>;
  /** Loads what is in `folder` and compares it with the trained model. */
  prove(
    job: ExportJob,
    folder: string,
    trained: TrainedSide,
    io: ProofIo,
  ): Promise<{ readonly proof: ExportProof; readonly notes: readonly string[] }>;
}
