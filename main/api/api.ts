/**
 * Implements the contract of common/api/contract.ts: joins what pages may ask for to the parts that do it. Both hosts serve this router, an
 * Electron window over a MessagePort and the web host over a WebSocket.
 */
import { AppError } from '../../common/errors.ts';
import { madeBy } from '../../common/values.ts';
import { language, say, useLanguage } from '../../common/words/language.ts';
import { answers } from '../app/answering.ts';
import { Life } from '../app/life.ts';
import type { Parts } from '../app/parts.ts';
import { Prices } from '../app/plan-cache.ts';
import { updates } from '../app/updates.ts';
import { connections } from '../connections.ts';
import * as extras from '../extras/handlers.ts';
import { type Log, logIn } from '../log.ts';
import { repository } from '../versions.ts';
import { computerCalls, deviceCalls, fileCalls, settingsCalls } from './computer.ts';
import { dataCalls, draftCalls, modelCalls, planCalls, sourceCalls } from './data.ts';
import { type Implementer, implementer } from './router.ts';
import { jobCalls, runCalls, targetCalls } from './runs.ts';

/** The router of the contract over `parts`. Failures that are faults of Fettle go to `log`, by default in the data folder. */
export function apiRouter(parts: Parts, log: Log = logIn(parts.store), life = new Life()) {
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
    sources: sourceCalls(os, parts),
    drafts: draftCalls(os, parts),
    plan: planCalls(os, parts, prices),
    jobs: jobCalls(os, parts),
    runs: runCalls(os, parts, log),
    chat: chatCalls(os, parts),
    conversations: conversationCalls(os, parts),
    endpoint: endpointCalls(os, parts),
    targets: targetCalls(os, parts),
    ...madeBy(extras, os, parts, life),
  });
}

export type ApiRouter = ReturnType<typeof apiRouter>;

/** The program that shows Fettle: what it is, and what it can do on the person's behalf. */
function hostCalls(os: Implementer, parts: Parts) {
  const { host, store } = parts;
  return {
    info: os.host.info.handler(() => ({
      ...host.info(),
      dataFolder: store.folder,
      storeNotice: store.notice,
      repository: repository(),
    })),
    speak: os.host.speak.handler(async ({ input }) => {
      if (input.language !== language()) {
        await useLanguage(input.language);
        host.onLanguage?.();
        parts.supervisor.speak();
      }
      return store.settings.get().language;
    }),
    reveal: os.host.reveal.handler(({ input }) => host.reveal(input.path)),
    connections: os.host.connections.handler(() => connections()),
    updates: os.host.updates.handler(({ signal }) => updates(parts, { repository: repository(), signal })),
  };
}

function chatCalls(os: Implementer, parts: Parts) {
  return {
    ask: os.chat.ask.handler(({ input, signal }) => answers(parts, input, signal)),
    close: os.chat.close.handler(() => parts.engine.closeModels()),
  };
}

function conversationCalls(os: Implementer, { store: { conversations } }: Parts) {
  return {
    list: os.conversations.list.handler(() => conversations.list()),
    get: os.conversations.get.handler(({ input }) => {
      const found = conversations.find(input.id);
      if (found) return found;
      throw new AppError(
        'no-conversation',
        say`This conversation is not here any more.`,
        say`Begin a new one.`,
      );
    }),
    save: os.conversations.save.handler(({ input }) => conversations.save(input.id, input.content)),
    remove: os.conversations.remove.handler(({ input }) => conversations.remove(input.id)),
  };
}

function endpointCalls(os: Implementer, { served }: Parts) {
  return {
    now: os.endpoint.now.handler(({ signal }) => served.watch(signal)),
    start: os.endpoint.start.handler(({ input }) => served.start(input.of)),
    stop: os.endpoint.stop.handler(() => served.stop()),
  };
}
