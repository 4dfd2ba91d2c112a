/** What to do with an export: commands to copy, by its form. */
import path from 'node:path';
import type { ExportResult } from '../../../common/protocol/protocol.ts';
import type { ExportJob } from './job.ts';
import type { CardForm } from './model-card.ts';

type Commands = ExportResult['next'];

/** The commands that use the export of `job`. */
export function nextCommands(job: ExportJob): Commands {
  return NEXT[job.form](job);
}

const NEXT: Readonly<Record<CardForm, (job: ExportJob) => Commands>> = {
  gguf: (job) => [
    ollama(job),
    { about: 'LM Studio', command: `lms import ${quoted(fileIn(job, job.target.names.gguf))}` },
    { about: 'llama.cpp', command: `llama-cli -m ${quoted(fileIn(job, job.target.names.gguf))}` },
  ],
  'gguf-adapter': (job) => [
    ollama(job),
    {
      about: 'llama.cpp',
      command: `llama-cli -m BASE.gguf --lora ${quoted(fileIn(job, job.target.names.gguf))}`,
    },
  ],
  safetensors: (job) => [fettle(job), upload(job)],
  peft: (job) => [
    {
      about: 'here',
      command: `npx fettle generate --model ${quoted(job.opened.path)} --adapter ${quoted(job.target.out)} --prompt "Hello"`,
    },
    upload(job),
  ],
};

function ollama(job: ExportJob) {
  const name = job.facts.name.toLowerCase();
  return {
    about: 'Ollama',
    command: `ollama create ${name} -f ${quoted(fileIn(job, job.target.names.modelfile))}`,
  };
}

function fettle({ target }: ExportJob) {
  return { about: 'here', command: `npx fettle generate --model ${quoted(target.out)} --prompt "Hello"` };
}

function upload({ facts, target }: ExportJob) {
  return { about: 'Hugging Face Hub', command: `hf upload ${facts.name} ${quoted(target.out)}` };
}

function fileIn({ target }: ExportJob, name: string): string {
  return path.join(target.isFile ? path.dirname(target.out) : target.out, name);
}

/** For a shell: quoted where it is not plain. */
function quoted(text: string): string {
  return /^[\w./\\:@-]+$/.test(text) ? text : JSON.stringify(text);
}
