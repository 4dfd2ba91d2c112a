/** The program of a thread that encodes rows. */
import { answerTasks } from '../../../rows/threads.ts';
import { type EncoderSource, type EncodeTask, encoderFrom, encodeTask } from './encode-work.ts';

await answerTasks(async (source: EncoderSource) => {
  const encode = await encoderFrom(source);
  return (task: EncodeTask) => {
    const answer = encodeTask(task, encode);
    return { answer, moved: [answer.words.buffer, answer.lengths.buffer] };
  };
});
