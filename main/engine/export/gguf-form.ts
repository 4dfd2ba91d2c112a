/** `--as gguf`: the whole model as one GGUF file, with a Modelfile for Ollama beside it. */
import path from 'node:path';
import { say } from '../../../common/words/language.ts';
import { writeFileAtomic } from '../io/atomic.ts';
import { openGguf } from '../io/gguf.ts';
import type { GgufWriteType } from '../io/gguf-quantise.ts';
import { tokenizerPartsOf } from '../load/open-model.ts';
import { ggufArchitecture } from '../models/registry.ts';
import type { ExportJob, ExportType, Form } from './export-job.ts';
import { addsBos, ggufTensors, tensorBytes, tokenizerEntries, writeGgufModel } from './gguf-tensors.ts';
import { checkedParameters, mergedParameters, type ParameterReader } from './merge.ts';
import { modelfile } from './modelfile.ts';
import { proveGguf } from './prove.ts';
import { readBackFrom } from './read-back.ts';

/** Bytes of a token in the metadata, its merges included, generously. */
const TOKEN_BYTES = 64;

export const ggufForm: Form = {
  diskBytes: (job) =>
    tensorBytes(tensorsOf(job, mergedParameters(job.opened, job.stored))) +
    TOKEN_BYTES * job.opened.model.vocabSize,
  async write(job, folder, io) {
    const { opened, stored, tokenizer, type, facts, target } = job;
    const architecture = ggufArchitecture(opened);
    const read = checkedParameters(mergedParameters(opened, stored), type, io.stop);
    const tensors = tensorsOf(job, read).map((tensor, i, { length }) => ({
      ...tensor,
      pieces: () => {
        io.onProgress(say`writing weights`, i / length);
        return tensor.pieces();
      },
    }));
    const entries = tokenizerEntries(opened, await tokenizerPartsOf(opened), tokenizer);
    const written = { type: ggufType(type), facts };
    await writeGgufModel(path.join(folder, target.names.gguf), architecture, entries, tensors, written);
    const beside = { from: `./${target.names.gguf}`, system: job.system };
    const ollama = modelfile(tokenizer, { ...beside, addsBos: addsBos(entries) });
    await writeFileAtomic(path.join(folder, target.names.modelfile), ollama.text);
    return [...architecture.notes, ...typeNotes(type), ...ollama.notes];
  },
  async prove(job, folder, trained, io) {
    const file = path.join(folder, job.target.names.gguf);
    const expected = tensorsOf(job, mergedParameters(job.opened, job.stored));
    const tensors = await readBackFrom(openGguf(file), expected, io.stop, io.onProgress);
    const { found, notes } = await proveGguf(file, trained, io);
    return { proof: { ...found, tensors }, notes };
  },
};

function tensorsOf({ opened, type }: ExportJob, read: ParameterReader) {
  return ggufTensors(opened, read, ggufType(type), ggufArchitecture(opened).ropeDivisors);
}

/** The type's name inside GGUF files: blocks are written in capitals. */
function ggufType(type: ExportType): GgufWriteType {
  return (type.startsWith('q') ? type.toUpperCase() : type) as GgufWriteType;
}

function typeNotes(type: ExportType): string[] {
  return /^q[45]/.test(type)
    ? [
        say`The embedding and the output layer keep 8 bits: with ${type}, their errors would reach every token.`,
      ]
    : [];
}
