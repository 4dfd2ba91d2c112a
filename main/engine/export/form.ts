/** What a form of export has to say: how much it needs, what it writes, how it is proved. */
import type { ExportProof } from '../../../common/protocol/protocol.ts';
import type { ExportJob } from './job.ts';
import type { ProofIo, TrainedSide } from './prove.ts';

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
