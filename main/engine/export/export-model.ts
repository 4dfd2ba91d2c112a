/** One export from beginning to end: room on the disk, files, proof, model card, and only then its name. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { ExportProof } from '../../../common/protocol/protocol.ts';
import { inEnglish, say } from '../../../common/words/language.ts';
import { writeFileAtomic } from '../../atomic.ts';
import { requireFreeBytes } from '../../folders.ts';
import { type CardForm, type ExportJob, type Form, intoTarget } from './export-job.ts';
import { adapterForm, folderForm, ggufAdapterForm, ggufForm } from './forms.ts';
import { type CardFacts, modelCard } from './model-card.ts';
import { betterType, type ProofIo, type ProofPrompts, proofInWords, SCRATCH, trainedSide } from './prove.ts';

interface Exported {
  readonly files: readonly string[];
  readonly bytes: number;
  readonly proof: ExportProof;
  readonly proved: string;
  readonly warning?: string;
  readonly notes: readonly string[];
}

export type RequireSpace = typeof requireFreeBytes;

/** What a card says beyond what the job knows. */
type CardWords = Pick<CardFacts, 'settings' | 'scores' | 'verdict' | 'data'>;

/** Room that the card, the tokenizer's files and the file system take beside the weights. */
const MARGIN_BYTES = 32 * 2 ** 20;

/** Writes and proves `job`. Where it throws, nothing is left under its name. */
export async function exportModel(
  job: ExportJob,
  prompts: ProofPrompts,
  card: CardWords,
  io: ProofIo & { readonly requireSpace?: RequireSpace },
): Promise<Exported> {
  const form = FORMS[job.form];
  const { out } = job.target;
  const requireSpace = io.requireSpace ?? requireFreeBytes;
  await requireSpace(path.dirname(out), form.diskBytes(job) + MARGIN_BYTES, say`The export`);
  const trained = await trainedSide(job, prompts, io);
  let proved: { proof: ExportProof; notes: readonly string[] } | null = null;
  const files = await intoTarget(job.target, async (folder) => {
    const notes = await form.write(job, folder, io);
    const found = await form.prove(job, folder, trained, io);
    proved = { proof: found.proof, notes: [...notes, ...found.notes] };
    requireSaneAnswers(found.proof, job.type);
    const about = { form: job.form, type: job.type, file: job.target.names.gguf, rows: rowsNeeded(job) };
    const { categories } = job.opened.model;
    const facts = { ...job.facts, ...card, ...about, categories };
    const text = inEnglish(() => modelCard({ ...facts, proof: proofInWords(found.proof, job.type) }));
    await writeFileAtomic(path.join(folder, job.target.names.card), text);
    await fs.rm(path.join(folder, SCRATCH), { recursive: true, force: true });
    io.stop.throwIfAborted();
  });
  const { proof, notes } = proved!;
  const better = betterType(proof, job.type);
  return {
    files,
    bytes: await bytesOf(files),
    proof,
    proved: proofInWords(proof, job.type),
    ...(better !== null && {
      warning: say`${job.type} changes the answers of this model too much. Save it as ${better}.`,
    }),
    notes,
  };
}

/** Float32 and 16-bit exports compute what the model does, and no type may give what is no number. Throws `AppError('export-differs')`. */
export function requireSaneAnswers(
  {
    equalAnswers,
    prompts,
    maxLogProbDrift,
  }: Pick<ExportProof, 'equalAnswers' | 'prompts' | 'maxLogProbDrift'>,
  type: string,
): void {
  const exact = ['f32', 'f16', 'bf16'].includes(type);
  const isNumber = !Number.isNaN(maxLogProbDrift);
  if (isNumber && (!exact || equalAnswers > 0 || prompts === 0 || maxLogProbDrift < WRONG_DRIFT)) return;
  throw new AppError(
    'export-differs',
    isNumber
      ? say`The export answers differently from the trained model: none of ${prompts} answers is equal, and probabilities differ by a factor of ${Math.exp(maxLogProbDrift).toPrecision(3)}.`
      : say`As ${type}, this model computes invalid values.`,
    isNumber
      ? say`Nothing was saved. Please report this: Fettle may not know something about this model.`
      : say`Nothing was saved. Choose bf16 or f32 as the type of weights.`,
  );
}

/** Rounding to 16 bits moves log-probabilities by hundredths; a wrong layout by whole units. */
const WRONG_DRIFT = 1;

/** Rows that the tables of the base model do not have yet, with all others; null where none are missing. */
function rowsNeeded({ opened: { added, model } }: ExportJob): number | null {
  return added && model.vocabSize > added.base.model.vocabSize ? model.vocabSize : null;
}

async function bytesOf(files: readonly string[]): Promise<number> {
  let bytes = 0;
  for (const file of files) bytes += (await fs.stat(file)).size;
  return bytes;
}

const FORMS: Readonly<Record<CardForm, Form>> = {
  peft: adapterForm,
  safetensors: folderForm,
  gguf: ggufForm,
  'gguf-adapter': ggufAdapterForm,
};
