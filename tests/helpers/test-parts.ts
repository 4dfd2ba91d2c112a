/** Parts behind the API for tests: a real store in a folder of its own, and stand-ins for the rest that can be replaced one by one. */
import fs from 'node:fs';
import path from 'node:path';
import type { Job, LocalModel, RunDetails } from '../../common/api/contract.ts';
import { AppError } from '../../common/errors.ts';
import type { AllowedPaths } from '../../main/app/allowed.ts';
import { ServedModel } from '../../main/app/answering.ts';
import type { Host, Parts } from '../../main/app/parts.ts';
import type { Hub } from '../../main/hub/hub.ts';
import type { Log } from '../../main/log.ts';
import type { Packs } from '../../main/packs/packs.ts';
import type { EngineCalls } from '../../main/runs/engine-calls.ts';
import type { Supervisor } from '../../main/runs/supervisor.ts';
import { openStore } from '../../main/store/open.ts';
import type { Store } from '../../main/store/store.ts';
import { temporaryFolder } from './tiny-model.ts';

export interface TestParts {
  readonly parts: Parts;
  readonly store: Store;
  readonly folder: string;
  /** Lines of the log. */
  readonly logged: string[];
  readonly log: Log;
  /** Jobs that were asked for. */
  readonly jobs: Job[];
  remove(): void;
}

export interface Replaced {
  readonly engine?: Partial<EngineCalls>;
  readonly supervisor?: Partial<Supervisor>;
  readonly hub?: Partial<Hub>;
  readonly packs?: Partial<Packs>;
  /** By default pages may have everything read and written. */
  readonly allowed?: Partial<AllowedPaths>;
  readonly host?: Partial<Host>;
}

/** Opens parts; whatever is not replaced and not needed to begin a run fails when it is called. */
export async function testParts(replaced: Replaced = {}): Promise<TestParts> {
  const { folder: root, remove } = temporaryFolder();
  const store = await openStore(path.join(fs.realpathSync(root), 'data'));
  const jobs: Job[] = [];
  const logged: string[] = [];
  const engine = standIn<EngineCalls>('engine', {
    closeModels: async () => {},
    adapters: async () => ({ problem: 'Nobody is asked in tests.', adapters: [], unknown: null }),
    makeRoom: () => {},
    ...replaced.engine,
  });
  const parts: Parts = {
    store,
    engine,
    served: new ServedModel({ store, engine }),
    supervisor: standIn<Supervisor>('supervisor', {
      list: () => jobs,
      train: (run) => kept(jobs, jobFor(run, 'train')),
      assess: (run) => kept(jobs, jobFor(run, 'assess')),
      export: (run) => kept(jobs, jobFor(run, 'export')),
      ...replaced.supervisor,
    }),
    hub: standIn<Hub>('hub', replaced.hub ?? {}),
    packs: standIn<Packs>('packs', replaced.packs ?? {}),
    allowed: { open: async () => {}, read: async () => {}, write: async () => {}, ...replaced.allowed },
    host: standIn<Host>('host', { kind: 'web', pick: null, secrets: memorySecrets(), ...replaced.host }),
  };
  const log: Log = {
    file: path.join(store.folder, 'fettle.log'),
    note: (text) => logged.push(text),
    failure: (what, error) => {
      logged.push(`${what}: ${error instanceof Error ? error.stack : error}`);
      return 'abc123';
    },
    problem: (what, problem) => {
      if (problem.details !== undefined) logged.push(`${what}: ${problem.details}`);
      return problem;
    },
  };
  const close = () => {
    store.close();
    remove();
  };
  return { parts, store, folder: store.folder, logged, log, jobs, remove: close };
}

/** A model in the store whose files are there as far as anybody looks. */
export function addModel(store: Store, name = 'Tiny'): LocalModel {
  const folder = path.join(store.folder, 'models', name.toLowerCase());
  fs.mkdirSync(folder, { recursive: true });
  const model: LocalModel = {
    ...{ id: `model-${name.toLowerCase()}`, name, family: 'llama', format: 'safetensors', path: folder },
    ...{ parameters: 1000, bytes: 4000, licence: null, source: 'folder', repo: null, revision: null },
    ...{ hasChatTemplate: true, added: new Date(0).toISOString(), available: true },
  };
  store.models.save(model);
  return store.models.find(model.id)!;
}

function standIn<T extends object>(name: string, known: Partial<T>): T {
  return new Proxy(known, {
    get(target, member) {
      if (member in target) return Reflect.get(target, member);
      return () => {
        throw new Error(`${name}.${String(member)} is not part of this test`);
      };
    },
  }) as T;
}

function jobFor(run: RunDetails, kind: Job['kind']): Job {
  return {
    ...{ id: `job-${run.id}-${kind}`, kind, runId: run.id, name: run.name, state: 'waiting', startAt: null },
    ...{ doing: '', fraction: null, step: null, steps: null, secondsLeft: null, problem: null },
  };
}

function kept(jobs: Job[], job: Job): Job {
  jobs.push(job);
  return job;
}

function memorySecrets(): Host['secrets'] {
  const secrets = new Map<string, string>();
  return {
    get: async (name) => secrets.get(name) ?? null,
    async set(name, value) {
      if (value === null) secrets.delete(name);
      else secrets.set(name, value);
    },
  };
}

/** The error that a person can act on, for stand-ins that fail. */
export const refused = () => new AppError('no-such-thing', 'It is not there.', 'Look elsewhere.');
