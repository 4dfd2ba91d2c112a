/** An engine process as whoever started it sees it, and how it can end. */

/** Starts main/engine/entry.ts as a process of its own: child_process, or utilityProcess in Electron. */
export type Fork = () => EngineLink;

export interface ProcessEnding {
  readonly code: number | null;
  readonly signal: string | null;
  /** Its last lines. */
  readonly stderr: string;
  /** Whether the system ends processes for lack of memory just now; null or missing where it does not tell. */
  readonly memoryKill?: boolean | null;
  /** Why the system did not start it. */
  readonly refusal?: unknown;
  /** For how long it had been silent when it was ended for that. */
  readonly hungSeconds?: number;
  /** What it was ended for: a file that takes too much to read. */
  readonly excess?: Excess;
}

/** A file whose reading takes too much for its size. */
export interface Excess {
  readonly file: string;
  readonly of: 'time' | 'memory';
}

export interface EngineLink {
  readonly pid: number | undefined;
  send(message: unknown): void;
  onMessage(listener: (message: unknown) => void): void;
  /** Once, when the process has ended, however it did. */
  onExit(listener: (how: ProcessEnding) => void): void;
  kill(): void;
}

/** What allocators, V8 and Node say when they get no memory. */
const NO_MEMORY =
  /bad_alloc|bad allocation|aborted\(oom\)|maximum memory size exceeded|failed to allocate|cannot allocate memory|out of memory|allocation failed|array buffer allocation|out_?of_?(host|device)_?memory/i;
/** Whether `text` is what is said when memory is refused. */
export function saysNoMemory(text: string): boolean {
  return NO_MEMORY.test(text);
}
