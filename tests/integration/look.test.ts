/** A look at learning rates before a run: what it costs, what it finds, and that the run is then one that names the rate it found. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LookEvent } from '../../common/protocol/protocol.ts';
import { type Ended, fettle } from '../helpers/fettle.ts';
import { adapterOf, goingOn, numbersOf, openWorkspace, trainArgs, type Workspace } from './workspace.ts';

let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace();
});
afterAll(() => workspace.remove());

const STEPS = ['--max-steps', '125', '--eval-every', '50'];
const lookOf = ({ events }: Ended) => events.find((event): event is LookEvent => event.event === 'look');
const settingsOf = (out: string) => JSON.parse(readFileSync(`${out}/run.json`, 'utf8'));

async function train(name: string, ...more: string[]) {
  const out = workspace.at(name);
  const ended = await fettle(trainArgs(workspace, out, ...STEPS, ...more));
  expect(ended.code, ended.err).toBe(0);
  return { out, look: lookOf(ended), ended };
}

describe('a look before a run', () => {
  it('tries three rates in less than a tenth of the steps, and the one that learns most goes on', async () => {
    const { out, look, ended } = await train('looked', '--look', '--learning-rate', '2e-3');
    const rates = look!.tried.map(({ learningRate }) => learningRate);
    expect(rates).toEqual([6.7e-4, 2e-3, 6e-3]);
    const losses = look!.tried.map(({ loss }) => loss!);
    expect(look!.learningRate).toBe(rates[losses.indexOf(Math.min(...losses))]);
    // so few steps of a tiny model are learned from best at the highest
    expect(look!.learningRate).toBe(rates[2]);
    expect(3 * look!.steps).toBeLessThanOrEqual(0.1 * 125);
    const kinds = ended.events.map(({ event }) => event);
    expect(kinds.indexOf('look')).toBeLessThan(kinds.indexOf('start'));
    expect(settingsOf(out)).toMatchObject({ learningRate: look!.learningRate });
    expect(settingsOf(out)).not.toHaveProperty('look');
  });

  it.each([
    ['with dropout and accumulation', ['--dropout', '0.1', '--gradient-accumulation', '2']],
    ['with moments in 8 bits', ['--optimizer', 'adamw-8bit']],
    ['that stays close', ['--stay-close', '0.1']],
  ])('is the run that names the rate, to the bit, %s', async (name, more) => {
    const { out, look } = await train(`${name} looked`, '--look', '--learning-rate', '2e-3', ...more);
    const named = await train(`${name} named`, '--learning-rate', String(look!.learningRate), ...more);
    expect(named.look).toBeUndefined();
    expect(numbersOf(out)).toEqual(numbersOf(named.out));
    expect(adapterOf(out).equals(adapterOf(named.out))).toBe(true);
  });

  it('goes on with the rate that it found after a kill', async () => {
    const [out, left] = [workspace.at('killed'), workspace.at('left')];
    const more = ['--look', '--learning-rate', '2e-3', '--save-every-steps', '1'];
    const whole = await goingOn(trainArgs(workspace, out, ...STEPS, ...more), out, 60, left);
    const resumed = await fettle(['train', '--out', left, '--resume', '--json']);
    expect([whole.code, resumed.code], resumed.err).toEqual([0, 0]);
    expect(lookOf(resumed)).toBeUndefined();
    expect(numbersOf(left)).toEqual(numbersOf(out));
  });

  it('is none where a tenth of the steps is too little, and needs a run in which losses tell what is learned', async () => {
    const short = await train('short', '--look', '--max-steps', '119');
    expect(short.look).toBeUndefined();
    const args = trainArgs(workspace, workspace.at('dpo'), '--look', '--objective', 'dpo');
    const { code, err } = await fettle(args);
    expect([code, err]).toEqual([2, expect.stringContaining('--look compares how answers are learned')]);
  });
});
