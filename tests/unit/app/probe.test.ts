import { expect, it } from 'vitest';
import { Probes } from '../../../main/app/probe.ts';
import { parseRunConfig } from '../../../main/engine/config/config.ts';
import { fakeFork } from '../../helpers/fake-engine.ts';
import { quickHost } from '../../helpers/quick-host.ts';

it('starts no engine for a page that has gone', async () => {
  const { fork, engines } = fakeFork();
  const supervisor = { list: () => [] };
  const probes = new Probes({ host: quickHost(fork), supervisor, engine: { makeRoom() {} } } as never);
  const gone = new AbortController();
  const taken = probes.take(parseRunConfig({ model: 'm', data: 'd', out: 'o' }), gone.signal);
  gone.abort();
  await expect(taken).rejects.toThrow('aborted');
  expect(engines).toEqual([]);
});
