/** A Hub, or who stands between, that answers with anything but what was asked for: a download ends whole or with a sentence. */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { AppError } from '../../common/errors.ts';
import { ended, openPart, tinyModel } from '../helpers/hub.ts';
import { type Asked, type Fault, startHubServer } from '../helpers/hub-server.ts';
import type { Size } from './attack.ts';

const HTML = Buffer.from('<!doctype html><title>Sign in to this network</title>');

/** One status of each sort that Fettle tells apart (hub-errors.ts), and more of them. */
const STATUSES: Readonly<Record<Size, readonly number[]>> = {
  short: [401, 404, 418, 429, 503],
  long: [400, 401, 403, 404, 408, 410, 418, 429, 451, 500, 502, 503, 504, 599],
};
/** What goes wrong, and at which of the answers: those about the model, its small files, or its large one. */
const FAULTS: Readonly<Record<string, Fault>> = {
  'a redirect to plain http elsewhere': { status: 302, headers: { location: 'http://evil.example/x' } },
  'a redirect to a file': { status: 302, headers: { location: 'file:///etc/passwd' } },
  'a redirect to nothing': { status: 302, headers: { location: '' } },
  'a redirect to no address': { status: 302, headers: { location: 'http://[' } },
  'a redirect without end': { status: 302, headers: { location: '/' } },
  'an answer cut at once': { cutAfter: 0 },
  'an answer cut after a part': { cutAfter: 700 },
  'a page in place of bytes': { change: () => HTML },
  'nothing in place of bytes': { change: () => Buffer.alloc(0) },
  'a shorter body': { change: (bytes) => bytes.subarray(0, bytes.length - 1) },
  'a longer body': { change: (bytes) => Buffer.concat([bytes, Buffer.from('x')]) },
  'a changed byte': { change: (bytes) => Buffer.concat([Buffer.of(bytes[0]! ^ 1), bytes.subarray(1)]) },
  'the whole for each range': { ignoreRange: true },
};
const PLACES: Readonly<Record<string, (asked: Asked) => boolean>> = {
  'about the model': ({ host, file }) => host === 'hub' && file === null,
  'a small file': ({ host, file }) => host === 'hub' && file !== null,
  'the large file': ({ host }) => host === 'cdn',
};

export async function hubFaults(
  folder: string,
  size: Size,
): Promise<{ cases: number; outcome: string; failures: string[] }> {
  const statuses = STATUSES[size].map((status) => [`status ${status}`, { status }] as const);
  const faults: readonly (readonly [string, Fault])[] = [...statuses, ...Object.entries(FAULTS)];
  const model = tinyModel();
  const server = await startHubServer([model]);
  const failures: string[] = [];
  let [cases, whole, refused] = [0, 0, 0];
  try {
    for (const [where, isHere] of Object.entries(PLACES))
      for (const [what, fault] of faults)
        for (const times of [1, Number.POSITIVE_INFINITY]) {
          cases++;
          const name = `${what}, ${where}, ${times === 1 ? 'once' : 'always'}`;
          let met = 0;
          server.fault = (asked) => (isHere(asked) && met++ < times ? fault : null);
          const home = path.join(folder, 'hub');
          rmSync(home, { recursive: true, force: true });
          const part = await openPart({ folder: home, hubUrl: server.url });
          try {
            const problem = await attempt(part.hub, model.repo);
            const kept = part.store.models.list().find(({ repo }) => repo === model.repo);
            if (problem === null && kept) whole++;
            else refused++;
            if (
              kept &&
              Object.entries(model.files).some(
                ([file, bytes]) =>
                  !existsSync(path.join(kept.path, file)) ||
                  !readFileSync(path.join(kept.path, file)).equals(bytes),
              )
            )
              failures.push(`${name}: a model is listed that is not whole`);
            if (problem !== null && (problem === '' || /undefined|internal:|TypeError/.test(problem)))
              failures.push(`${name}: says “${problem}”`);
            if (problem === null && !kept) failures.push(`${name}: it says nothing and gives nothing`);
          } catch (error) {
            failures.push(`${name}: ${(error as Error).stack}`);
          } finally {
            await part.close();
          }
        }
  } finally {
    await server.close();
  }
  return { cases, outcome: `${whole} downloaded whole, ${refused} refused`, failures };
}

/** What a download says went wrong; null where it is done. */
async function attempt(
  hub: Awaited<ReturnType<typeof openPart>>['hub'],
  repo: string,
): Promise<string | null> {
  try {
    await hub.download(repo);
  } catch (error) {
    if (error instanceof AppError) return `${error.message} ${error.hint}`;
    throw error;
  }
  const { state, problem } = await ended(hub);
  return state === 'done'
    ? null
    : problem === null
      ? ''
      : typeof problem === 'string'
        ? problem
        : `${problem.message} ${problem.hint}`;
}
