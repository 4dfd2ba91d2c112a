/** Asks WebGPU in an engine process that is ended afterwards: a driver that hangs or crashes costs that process and nothing else. */
import { setTimeout } from 'node:timers/promises';
import type { WebGpuAnswer } from '../../common/protocol/protocol.ts';
import type { Fork } from '../api/parts.ts';
import { CallLine } from './call-line.ts';

/** A process starts, onnxruntime loads, a driver compiles its first shader: a second where nothing else computes. */
const PATIENCE_MS = 10_000;

/** The answer of a process that `fork` starts, or one that says why there is none; it takes `patienceMs` at most. */
export async function askAdapters(fork: Fork, patienceMs = PATIENCE_MS): Promise<WebGpuAnswer> {
  const line = new CallLine(fork, { idleMs: 0 });
  const inTime = new AbortController();
  try {
    const answer = line.ask('adapters', undefined, {}) as Promise<WebGpuAnswer>;
    const late = setTimeout(patienceMs, null, { signal: inTime.signal });
    return (
      (await Promise.race([answer, late.catch(() => null)])) ??
      without(`WebGPU did not answer within ${Math.round(patienceMs / 1000)} s and was stopped.`)
    );
  } catch (error) {
    return without(
      `The process that asked WebGPU was lost. ${error instanceof Error ? error.message : String(error)}`,
    );
  } finally {
    inTime.abort();
    line.close();
  }
}

function without(problem: string): WebGpuAnswer {
  return { problem, adapters: null, unknown: problem };
}
