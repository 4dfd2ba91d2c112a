/** The only place that knows concrete executors; each is loaded when it is asked for. */
import type { Executor, ExecutorOptions } from './executor.ts';

const EXECUTORS = {
  ort: async (options: ExecutorOptions) => (await import('./ort/executor.ts')).createOrtExecutor(options),
  reference: async (_: ExecutorOptions) =>
    (await import('./reference/executor.ts')).createReferenceExecutor(),
} as const;

export type ExecutorName = keyof typeof EXECUTORS;

export const EXECUTOR_NAMES = Object.keys(EXECUTORS) as readonly ExecutorName[];

/** What can compute here, and the executor that a training on it uses. */
export const DEVICES: readonly { readonly device: string; readonly executor: ExecutorName }[] = [
  { device: 'cpu', executor: 'ort' },
];

/** The executor called `name`, ready to compile. */
export function openExecutor(name: ExecutorName, options: ExecutorOptions): Promise<Executor> {
  return EXECUTORS[name](options);
}
