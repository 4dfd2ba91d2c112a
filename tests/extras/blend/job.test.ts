/** A blend among the jobs, with an engine whose part is played by hand. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openSupervisor, type Supervisor } from '../../../main/runs/supervisor.ts';
import { frame } from '../../../renderer/text/text.ts';
import { type FakeEngine, fakeFork } from '../../helpers/fake-engine.ts';
import { type QuickHost, quickHost } from '../../helpers/quick-host.ts';
import { type RunStore, runStore } from '../../helpers/run-store.ts';
import { DONE } from '../../unit/cli/sample-events.ts';

let at: RunStore;
let host: QuickHost;
let engines: FakeEngine[];
let supervisor: Supervisor;
beforeEach(async () => {
  const fake = fakeFork();
  engines = fake.engines;
  host = quickHost(fake.fork);
  at = await runStore();
  supervisor = openSupervisor({ store: at.store, host, pollMs: 5, politeMs: 20 });
});
afterEach(async () => {
  await supervisor.close({ pause: false });
  at.close();
});

const settle = () => new Promise((resolve) => setImmediate(resolve));

it('is called a blend where nothing was trained, also when it is made again', async () => {
  const blend = { of: '/runs/learned', strength: 0.7 };
  const run = at.run('b', { blend });
  supervisor.train(run, {});
  expect(supervisor.list()).toMatchObject([{ kind: 'train', isBlend: true }]);
  engines[0]!.exit({ code: 1 });
  await settle();
  supervisor.dismiss(supervisor.list()[0]!.id);
  supervisor.resumeRun(run);
  expect(frame.jobs.kindOf(supervisor.list()[0]!)).toBe('Blend');
  engines[1]!.say({ event: { ...DONE, steps: 0 } });
  engines[1]!.exit();
  await settle();
  expect(host.notices.at(-1)).toBe('“b” is blended: Open Fettle to see the result.');
  const training = supervisor.train(at.run('a'), {});
  expect(training).not.toHaveProperty('isBlend');
  expect(frame.jobs.kindOf(training)).toBe('Training');
});
