/** The program of the thread that reads one document: what a hostile file does to it ends with it. */
import { parentPort, workerData } from 'node:worker_threads';
import { answerTo, type DocumentTask } from './kinds.ts';

// a library may leave promises that nobody awaits; what is awaited says how the document is
process.on('unhandledRejection', () => {});
parentPort!.postMessage(await answerTo(workerData as DocumentTask));
