import type { Executor, ExecutorOptions } from '../../exec/executor.ts';

export const tfjs = async (options: ExecutorOptions): Promise<Executor> =>
  (await import('./tfjs-executor.ts')).createTfjsExecutor(options);
