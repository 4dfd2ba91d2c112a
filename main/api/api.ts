/**
 * Implements the contract of common/api/contract.ts: joins what pages may ask for to the parts that do it. Both hosts serve this
 * router, an Electron window over a MessagePort and the web host over a WebSocket.
 */
import path from 'node:path';
import { type Log, openLog } from '../log.ts';
import { chatCalls } from './chat.ts';
import { computerCalls } from './computer.ts';
import { dataCalls } from './data.ts';
import { deviceCalls } from './devices.ts';
import { draftCalls } from './drafts.ts';
import { fileCalls } from './files.ts';
import { hostCalls } from './host.ts';
import { jobCalls } from './jobs.ts';
import { learnCalls } from './learn.ts';
import { modelCalls } from './models.ts';
import type { Parts } from './parts.ts';
import { planCalls } from './plan.ts';
import { Prices } from './prices.ts';
import { implementer } from './router.ts';
import { runCalls } from './runs.ts';
import { settingsCalls } from './settings.ts';

/** The router of the contract over `parts`. Failures that are faults of Fettle go to `log`, by default in the data folder. */
export function apiRouter(parts: Parts, log: Log = openLog(() => path.join(parts.store.folder, 'logs'))) {
  const os = implementer(log);
  const prices = new Prices(parts);
  return os.router({
    computer: computerCalls(os, parts, prices),
    devices: deviceCalls(os, parts),
    host: hostCalls(os, parts),
    files: fileCalls(os, parts, log),
    settings: settingsCalls(os, parts),
    models: modelCalls(os, parts, prices),
    data: dataCalls(os, parts),
    drafts: draftCalls(os, parts),
    plan: planCalls(os, parts, prices),
    jobs: jobCalls(os, parts),
    runs: runCalls(os, parts, log),
    chat: chatCalls(os, parts),
    learn: learnCalls(os, parts),
  });
}

export type ApiRouter = ReturnType<typeof apiRouter>;
