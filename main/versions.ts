import os from 'node:os';
import path from 'node:path';
import { parsedJson } from '../common/values.ts';
import { programFolder } from './paths.ts';
import { readText } from './processes.ts';

const USED = ['onnxruntime-node', '@huggingface/tokenizers'];

/** Versions of Fettle, Node and the packages that compute and split text. */
export function versions(): Record<string, string> & { readonly fettle: string } {
  const { version = 'unknown', dependencies = {} } = manifest();
  const packages = USED.flatMap((name) => (dependencies[name] ? [[name, dependencies[name]] as const] : []));
  return { fettle: version, node: process.versions.node, ...Object.fromEntries(packages) };
}

/** The web page of the source, `https://github.com/owner/name`; null while the manifest names nobody's. */
export function repository(): string | null {
  return repositoryIn(manifest().repository?.url);
}

/** The same of an address as npm has it; an owner of examples is a placeholder. */
export function repositoryIn(url: string | undefined): string | null {
  const found = /^(?:git\+)?(https:\/\/github\.com\/[\w-]+\/[\w.-]+?)(?:\.git)?$/.exec(url ?? '')?.[1];
  return found === undefined || /\/[\w-]*example\//.test(found) ? null : found;
}

interface Manifest {
  readonly version?: string;
  readonly dependencies?: Record<string, string>;
  readonly repository?: { readonly url?: string };
}

function manifest(): Manifest {
  return (parsedJson(readText(path.join(programFolder(), 'package.json')) ?? '') ?? {}) as Manifest;
}

/** The computer as Node sees it; bytes are bytes. Nothing that tells whose it is. */
export function machineFacts(): Record<string, string | number> {
  return {
    system: `${os.type()} ${os.release()}`,
    platform: process.platform,
    architecture: process.arch,
    processor: os.cpus()[0]?.model.trim() ?? 'unknown',
    threads: os.availableParallelism(),
    totalMemory: os.totalmem(),
  };
}
