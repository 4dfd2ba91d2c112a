/**
 * What is exported and where it goes: opened and ready, what a form says of it, and a folder beside the target that gets its name once it
 * is whole and proved.
 */
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import type { ExportProof } from '../../../common/protocol/protocol.ts';
import { say } from '../../../common/words/language.ts';
import { makeFolder, partialName, removePartials, requireWritable } from '../../folders.ts';
import { rename } from '../../rename.ts';
import type { LoraAdapter } from '../io/peft.ts';
import type { LoadedAdapter } from '../load/adapter.ts';
import type { ReadyModel } from '../load/ready-model.ts';
import type { ProofIo, TrainedSide } from './prove.ts';

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
export type ExportType = 'f32' | 'f16' | 'bf16' | 'q8_0' | 'q5_1' | 'q5_0' | 'q4_1' | 'q4_0' | 'int8';

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

/** Files of an export by what they are; names only. */
interface TargetNames {
  /** The GGUF file, where the export is one. */
  readonly gguf: string;
  readonly modelfile: string;
  readonly card: string;
}

export interface Target {
  readonly out: string;
  readonly names: TargetNames;
  /** Whether `out` is the GGUF file itself, with the other files beside it. */
  readonly isFile: boolean;
}

/** The target for `out`; `label` names a GGUF file in a folder. Throws `AppError('file-exists')`. */
export async function planTarget(out: string, label: string, asGguf: boolean): Promise<Target> {
  const isFile = asGguf && out.endsWith('.gguf');
  if (!isFile && out.endsWith('.gguf')) {
    throw new AppError(
      'bad-usage',
      say`${out} is the name of a GGUF file, but this export is a folder.`,
      say`Choose a new folder, or save as GGUF.`,
    );
  }
  const stem = path.basename(out, '.gguf');
  if (isFile && stem === '') {
    throw new AppError('bad-usage', say`${out} is no name for a file.`, say`For example: exports/first.gguf`);
  }
  const names = isFile
    ? { gguf: `${stem}.gguf`, modelfile: `${stem}.Modelfile`, card: `${stem}.README.md` }
    : { gguf: `${label}.gguf`, modelfile: 'Modelfile', card: 'README.md' };
  const target = { out, names, isFile };
  await refuseExisting(target);
  requireWritable(path.dirname(out));
  return target;
}

async function refuseExisting({ out, names, isFile }: Target): Promise<void> {
  const folder = path.dirname(out);
  const paths = isFile ? Object.values(names).map((name) => path.join(folder, name)) : [out];
  for (const one of paths) {
    const stats = await fs.lstat(one).catch(() => null);
    if (!stats) continue;
    if (!isFile && stats.isDirectory() && (await fs.readdir(one)).length === 0) continue;
    if (isFile && (await isLeftOver(one, path.join(folder, names.gguf)))) continue;
    throw new AppError(
      'file-exists',
      say`${one} is there already.`,
      say`Choose another name, or remove it first.`,
    );
  }
}

/** Whether `file` is of an export that was cut off before the model got its name, by a kill or a loss of power. */
async function isLeftOver(file: string, model: string): Promise<boolean> {
  if (await fs.lstat(model).catch(() => null)) return false;
  return /Made (?:by|with) Fettle/.test(await fs.readFile(file, 'utf8').catch(() => ''));
}

/** Lets `produce` fill a temporary folder, then gives its files their names; gives their paths. */
export async function intoTarget(
  target: Target,
  produce: (folder: string) => Promise<void>,
): Promise<string[]> {
  const { out, isFile } = target;
  const parent = path.dirname(out);
  makeFolder(parent);
  await removePartials(out);
  const temporary = partialName(out);
  try {
    await fs.mkdir(temporary);
    await produce(temporary);
    await refuseExisting(target);
    const names = await fs.readdir(temporary);
    if (!isFile) {
      // an empty folder was let through; Windows does not rename over one
      await fs.rmdir(out).catch(() => {});
      await rename(temporary, out);
    }
    // the model last: where it is, the rest is too
    else
      for (const name of names.sort((a, b) => Number(a.endsWith('.gguf')) - Number(b.endsWith('.gguf'))))
        await rename(path.join(temporary, name), path.join(parent, name));
    return names.sort().map((name) => path.join(isFile ? parent : out, name));
  } finally {
    await fs.rm(temporary, { recursive: true, force: true });
  }
}
