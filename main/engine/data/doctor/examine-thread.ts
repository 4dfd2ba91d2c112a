/** The program of a thread that examines rows. */
import { answerTasks } from '../rows/threads.ts';
import { checksOf, type ExaminerSource, examine, measureFrom } from './examine.ts';

await answerTasks(async (source: ExaminerSource) => {
  const measure = await measureFrom(source);
  return (task: Parameters<typeof examine>[0]) => {
    const answer = examine(task, measure, checksOf(source));
    return { answer, moved: [answer.facts.buffer, answer.signatures.buffer, answer.found.buffer] };
  };
});
