/**
 * Implements the contract of preload/contract.ts: joins what pages may ask for to the parts that do it. Both hosts serve this
 * router, an Electron window over a MessagePort and the web host over a WebSocket.
 */
import path from 'node:path';
import { chatCalls } from './api/chat.ts';
import { computerCalls } from './api/computer.ts';
import { dataCalls } from './api/data.ts';
import { deviceCalls } from './api/devices.ts';
import { draftCalls } from './api/drafts.ts';
import { fileCalls } from './api/files.ts';
import { hostCalls } from './api/host.ts';
import { jobCalls } from './api/jobs.ts';
import { learnCalls } from './api/learn.ts';
import { modelCalls } from './api/models.ts';
import type { Parts } from './api/parts.ts';
import { planCalls } from './api/plan.ts';
import { Prices } from './api/prices.ts';
import { implementer } from './api/router.ts';
import { runCalls } from './api/runs.ts';
import { settingsCalls } from './api/settings.ts';
import { type Log, openLog } from './log.ts';

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
