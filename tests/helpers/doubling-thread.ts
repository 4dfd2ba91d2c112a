/** A thread for tests of threads: doubles numbers, fails at 13, and says in which thread it did so. */
import { threadId } from 'node:worker_threads';
import { answerTasks } from '../../main/rows/threads.ts';

await answerTasks(async () => (numbers: readonly number[]) => {
  if (numbers.includes(13)) throw new Error('thirteen');
  return { answer: { doubled: numbers.map((one) => 2 * one), threadId }, moved: [] };
});
