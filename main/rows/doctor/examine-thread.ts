/** The program of a thread that examines rows, their tokens estimated. */
import { examineInThread } from './examine.ts';

await examineInThread();
