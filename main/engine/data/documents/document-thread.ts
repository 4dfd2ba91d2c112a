/** The program of the thread that reads one document: what a hostile file does to it ends with it. */
import { parentPort, workerData } from 'node:worker_threads';
import { answerTo, type DocumentTask } from './kinds.ts';

parentPort!.postMessage(await answerTo(workerData as DocumentTask));
