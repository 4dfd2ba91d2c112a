/** The program of the thread that judges answers. */
import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '../../../../common/errors.ts';
import type { JudgedRow } from '../../../../common/extras/rules/rules.ts';
import { useLanguage } from '../../../../common/words/language.ts';
import { sentError } from '../../../rows/threads.ts';
import type { ThreadReply, ThreadStart } from './judges.ts';
import { openRules } from './judging.ts';

const { rules, language } = workerData as ThreadStart;
const reply = (message: ThreadReply) => parentPort!.postMessage(message);
const attempt = (work: () => ThreadReply) => {
  try {
    reply(work());
  } catch (error) {
    reply(failed(error));
  }
};
const failed = (error: unknown): ThreadReply =>
  error instanceof AppError
    ? { wrong: sentError(error) }
    : { fault: error instanceof Error ? (error.stack ?? error.message) : String(error) };

await useLanguage(language);
try {
  const judge = await openRules(rules);
  parentPort!.on('message', ([answer, row]: [string, JudgedRow]) =>
    attempt(() => ({ judgement: judge(answer, row) })),
  );
  reply({ ready: true });
} catch (error) {
  reply(failed(error));
}
