/** The program of a thread in which the doctor examines rows with the tokenizer of a model. */
import { examineInThread } from '../../../rows/doctor/examine.ts';
import { encoderFrom } from './encode-work.ts';

await examineInThread(encoderFrom);
