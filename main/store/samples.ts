/** What the model said to the person's own prompts while it was trained. */
import type { NumberedEvent, RunSample } from '../../preload/contract.ts';
import type { SampleEvent } from '../engine/protocol.ts';
import type { Base } from './base.ts';
import { build } from './connection.ts';

const INSERT = 'insert or ignore into samples(run, number, at, step, prompt, text) values (?, ?, ?, ?, ?, ?)';

export function addSample({ on }: Base, run: number, number: number, at: number, event: SampleEvent): void {
  on.write(INSERT, [run, number, at, event.step, event.prompt, event.text]);
}

export function readSampleEvents({ on }: Base, run: number, after: number): NumberedEvent[] {
  const query = build.selectFrom('samples').selectAll().where('run', '=', run).where('number', '>', after);
  return on.all(query.orderBy('number')).map(({ number, at, step, prompt, text }) => ({
    ...{ number, at },
    event: { event: 'sample', step, prompt, text },
  }));
}

/** By step, and within it in the order of the prompts; what a resumed run said again counts once. */
export function readSamples({ on }: Base, run: number): RunSample[] {
  const query = build.selectFrom('samples').select(['step', 'prompt', 'text']).where('run', '=', run);
  const kept: RunSample[] = [];
  let before = -1;
  for (const sample of on.all(query.orderBy('number'))) {
    if (sample.step < before) kept.splice(kept.findIndex(({ step }) => step >= sample.step));
    const again = kept.findIndex(({ step, prompt }) => step === sample.step && prompt === sample.prompt);
    if (again >= 0) kept[again] = sample;
    else kept.push(sample);
    before = sample.step;
  }
  return kept;
}
