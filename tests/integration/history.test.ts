/** The command line and the history: what is trained, stopped, killed and resumed there is what `fettle runs` shows. */
import fs from 'node:fs';
import path from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { RunDetails } from '../../common/api/contract.ts';
import { openStore } from '../../main/store/open.ts';
import { doneOf, fettle, startFettle } from '../helpers/fettle.ts';
import { openWorkspace, trainArgs } from './workspace.ts';

const workspace = await openWorkspace();
const home = workspace.at('home');
const options = { env: { FETTLE_HOME: home } };
afterAll(() => workspace.remove());

async function runs(): Promise<RunDetails[]> {
  const { out, code, err } = await fettle(['runs', 'list', '--json'], options);
  expect([code, err]).toEqual([0, '']);
  const rows = (JSON.parse(out) as { runs: RunDetails[] }).runs;
  const shown = await Promise.all(rows.map(({ id }) => fettle(['runs', 'show', id, '--json'], options)));
  return shown.map((one) => JSON.parse(one.out) as RunDetails);
}

it('shows a finished run as the engine told it, with every event once', async () => {
  const out = workspace.at('first');
  const ended = await fettle(trainArgs(workspace, out, '--max-steps', '6'), options);
  const done = doneOf(ended);
  const [run, ...others] = await runs();
  expect(others).toEqual([]);
  expect(run).toMatchObject({
    name: 'first',
    folder: out,
    state: 'done',
    done,
    step: 6,
    steps: 6,
    seconds: done.seconds,
  });
  expect(run!.config).toEqual(JSON.parse(fs.readFileSync(path.join(out, 'run.json'), 'utf8')));
  expect(run!.dataHash).toEqual(expect.any(String));
  const store = await openStore(path.join(home, 'data'));
  expect(store.events.read(run!.id).map(({ event }) => event)).toEqual(ended.events);
  store.close();
});

it('shows a run that was stopped as paused, and after --resume as one run', async () => {
  const out = workspace.at('second');
  const started = startFettle(trainArgs(workspace, out, '--max-steps', '400'), options);
  await started.event((event) => event.event === 'step' && event.step >= 3);
  started.signalAll('SIGINT');
  const { code } = await started.ended;
  expect(code).toBe(130);
  const [stopped] = await runs();
  expect(stopped).toMatchObject({ name: 'second', state: 'paused', steps: 400 });
  expect(stopped!.checkpoints.map(({ step }) => step)).toEqual([stopped!.step]);
  const steps = String(stopped!.step + 3);
  await fettle(['train', '--out', out, '--resume', '--max-steps', steps, '--json'], options);
  const [resumed, ...others] = await runs();
  expect(others).toHaveLength(1);
  expect(resumed).toMatchObject({ id: stopped!.id, state: 'done', step: Number(steps) });
});

it('shows a killed run as interrupted, with what it had recorded', async () => {
  const started = startFettle(trainArgs(workspace, workspace.at('third'), '--max-steps', '5000'), options);
  await started.event((event) => event.event === 'step');
  // what is recorded is written later
  await expect.poll(async () => (await runs())[0]?.step).toBeGreaterThan(0);
  const whileGoing = (await runs())[0]!;
  expect(whileGoing).toMatchObject({
    name: 'third',
    state: 'running',
    machine: { platform: process.platform },
  });
  started.signalAll('SIGKILL');
  await started.ended;
  const [killed] = await runs();
  expect(killed).toMatchObject({ id: whileGoing.id, state: 'interrupted' });
  expect(killed!.step).toBeGreaterThanOrEqual(whileGoing.step);
});

it('trains where the history cannot be opened, with one warning', async () => {
  const broken = workspace.at('broken');
  fs.mkdirSync(broken);
  fs.writeFileSync(path.join(broken, 'data'), 'a file in the place of the folder');
  const ended = await fettle(trainArgs(workspace, workspace.at('fourth'), '--max-steps', '3'), {
    env: { FETTLE_HOME: broken },
  });
  expect(ended.code).toBe(0);
  expect(doneOf(ended).steps).toBe(3);
  expect(ended.err.match(/warning: this run is not kept/g)).toHaveLength(1);
});
