/** `--as gguf --adapter-only`: the adapter as llama.cpp applies it to its base model. */
import fs from 'node:fs/promises';
import path from 'node:path';
import { AppError } from '../../../common/errors.ts';
import { writeFileAtomic } from '../io/atomic.ts';
import type { FloatType } from '../io/float-types.ts';
import { openGguf } from '../io/gguf.ts';
import { writeGguf } from '../io/gguf-write.ts';
import { DTYPE_BYTES } from '../ir/dtype.ts';
import { tokenizerPartsOf } from '../load/tokenizer.ts';
import { ggufArchitecture } from '../models/registry.ts';
import type { Form } from './form.ts';
import { adapterWeights } from './form-adapter.ts';
import { adapterMetadata, adapterTensors } from './gguf-adapter.ts';
import { ggufTensors } from './gguf-tensors.ts';
import type { ExportJob } from './job.ts';
import { mergedParameters } from './merge.ts';
import { modelfile } from './modelfile.ts';
import { proveWithLlama, SCRATCH } from './prove.ts';
import { readBack } from './read-back.ts';
import { addsBos, tensorBytes, tokenizerEntries, writeGgufModel } from './write-gguf.ts';

/** Above this the base model of the proof is float16: float32 would take more room than it tells. */
const EXACT_PARAMETERS = 1e9;

export const ggufAdapterForm: Form = {
  diskBytes: (job) =>
    adapterWeights(job.stored!) * DTYPE_BYTES[job.type as FloatType] + tensorBytes(baseTensors(job)),
  async write(job, folder) {
    const { opened, stored, type, facts, target, tokenizer } = job;
    const { name } = ggufArchitecture(opened);
    const tensors = adapterTensors(opened, stored!, type as FloatType);
    await writeGguf(path.join(folder, target.names.gguf), adapterMetadata(name, stored!, facts), tensors);
    const beside = { from: opened.path, adapter: `./${target.names.gguf}`, system: job.system };
    const entries = tokenizerEntries(opened, await tokenizerPartsOf(opened), tokenizer);
    const ollama = modelfile(tokenizer, { ...beside, addsBos: addsBos(entries) });
    await writeFileAtomic(path.join(folder, target.names.modelfile), ollama.text);
    return ollama.notes;
  },
  async prove(job, folder, trained, io) {
    const adapter = path.join(folder, job.target.names.gguf);
    const store = await openGguf(adapter);
    let tensors: number;
    try {
      tensors = await readBack(store, adapterTensors(job.opened, job.stored!, job.type as FloatType), {
        stop: io.stop,
      });
    } finally {
      await store.close();
    }
    const file = await writeBase(job, path.join(folder, SCRATCH));
    const found = await proveWithLlama({ file, adapter }, trained, io).catch((error: unknown) => {
      if (!(error instanceof AppError) || error.code !== 'llama-missing') throw error;
      throw new AppError(
        error.code,
        error.message,
        'Without it this adapter cannot be proved; use --as peft.',
      );
    });
    return { proof: { ...found, tensors }, notes: [] };
  },
};

function baseTensors({ opened }: ExportJob) {
  const type = opened.outline.parameterCount <= EXACT_PARAMETERS ? 'f32' : 'f16';
  return ggufTensors(opened, mergedParameters(opened, null), type, ggufArchitecture(opened).ropeDivisors);
}

/** The base model as a GGUF file to apply the adapter to. */
async function writeBase(job: ExportJob, scratch: string): Promise<string> {
  const { opened, tokenizer, facts } = job;
  await fs.mkdir(scratch, { recursive: true });
  const file = path.join(scratch, 'base.gguf');
  const entries = tokenizerEntries(opened, await tokenizerPartsOf(opened), tokenizer);
  const written = { type: 'f32', facts } as const;
  await writeGgufModel(file, ggufArchitecture(opened), entries, baseTensors(job), written);
  return file;
}
