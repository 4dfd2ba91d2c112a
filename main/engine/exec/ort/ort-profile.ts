/** Times of a program's operations, from the profile that onnxruntime writes, joined with the nodes of its graph. */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Graph, Node } from '../../ir/graph.ts';
import type { ProgramTimes } from '../executor.ts';
import { profiledName } from '../onnx/onnx-export.ts';

/** An event of onnxruntime's profile, in the format of Chrome's traces; microseconds. */
export interface OrtEvent {
  readonly cat?: string;
  readonly name: string;
  readonly ts: number;
  readonly dur: number;
  readonly args?: { readonly op_name?: string; readonly provider?: string };
}

const KERNEL = '_kernel_time';
const RUN = 'model_run';
const FILE = 'ort';

export class ProgramTimer {
  readonly #graph: Graph;
  readonly #tell: (times: ProgramTimes) => void;
  readonly #folder = fs.mkdtempSync(path.join(os.tmpdir(), 'fettle-profile-'));
  #firstRunMs = 0;

  constructor(graph: Graph, tell: (times: ProgramTimes) => void) {
    this.#graph = graph;
    this.#tell = tell;
  }

  get prefix(): string {
    return path.join(this.#folder, FILE);
  }

  /** To be called before each run: it joins onnxruntime's clock with this process' one. */
  runBegins(): void {
    this.#firstRunMs ||= performance.now();
  }

  /** Reads the profile once it is written, and removes it. */
  report(): void {
    const [file] = fs.readdirSync(this.#folder);
    const text = file === undefined ? '[]' : fs.readFileSync(path.join(this.#folder, file), 'utf8');
    this.discard();
    this.#tell(programTimes(JSON.parse(text) as OrtEvent[], this.#graph, this.#firstRunMs));
  }

  discard(): void {
    fs.rmSync(this.#folder, { recursive: true, force: true });
  }
}

/** What `events` say of a program of `graph` whose first run began at `firstRunMs`. */
export function programTimes(events: readonly OrtEvent[], graph: Graph, firstRunMs: number): ProgramTimes {
  const nodes = new Map<string, Node>(graph.nodes.map((node) => [profiledName(node), node]));
  const runs = events.filter(({ name }) => name === RUN);
  const begin = runs.reduce((first, { ts }) => Math.min(first, ts), Number.POSITIVE_INFINITY);
  const spanOf = ({ ts, dur }: OrtEvent) => ({ startMs: firstRunMs + (ts - begin) / 1000, ms: dur / 1000 });
  const kernels = events.filter(({ cat, name }) => cat === 'Node' && name.endsWith(KERNEL));
  const inOrder = (a: OrtEvent, b: OrtEvent) => a.ts - b.ts;
  return {
    runs: runs.toSorted(inOrder).map(spanOf),
    kernels: kernels.toSorted(inOrder).map((event) => ({
      ...spanOf(event),
      kernel: event.args?.op_name ?? '',
      provider: event.args?.provider?.replace('ExecutionProvider', '') ?? '',
      node: nodes.get(event.name.slice(0, event.name.lastIndexOf(':'))) ?? null,
    })),
  };
}
