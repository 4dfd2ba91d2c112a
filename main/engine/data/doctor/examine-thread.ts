/** The program of a thread that examines rows. */
import { answerTasks } from '../rows/threads.ts';
import { checksOf, examine, type InstrumentSource, instrumentsFrom } from './examine.ts';

await answerTasks(async (source: InstrumentSource) => {
  const instruments = await instrumentsFrom(source);
  return (task: Parameters<typeof examine>[0]) => {
    const answer = examine(task, instruments, checksOf(source));
    return { answer, moved: [answer.facts.buffer, answer.signatures.buffer, answer.found.buffer] };
  };
});
