import { describe, expect, it } from 'vitest';
import { checkIdentity } from '../../../../main/engine/train/cursor.ts';

const settings = { 'lora.rank': 16, maxLength: 512, method: 'lora', seed: 42 };
const identity = { model: 'm', data: 'd', tokens: 't', settings: JSON.stringify(settings) };
const now = (changed: object) => ({ ...identity, settings: JSON.stringify({ ...settings, ...changed }) });

describe('what a resumed run must share with its checkpoint', () => {
  it('is everything that its numbers depend on', () => {
    expect(() => checkIdentity(identity, { ...identity })).not.toThrow();
    expect(() => checkIdentity(identity, { ...identity, model: 'x' })).toThrow("the model's files");
    expect(() => checkIdentity(identity, { ...identity, data: 'x' })).toThrow('the rows');
    expect(() => checkIdentity(identity, { ...identity, tokens: 'x' })).toThrow(
      'its tokenizer or chat template',
    );
  });

  it('is named with both values where it is a setting', () => {
    expect(() => checkIdentity(identity, now({ 'lora.rank': 8, seed: 1 }))).toThrow(
      "This run can't be resumed: lora.rank was 16 and is now 8, seed was 42 and is now 1.",
    );
  });

  it('is the method alone where that changed, for its settings come and go with it', () => {
    const full = { maxLength: 512, method: 'full', seed: 42 };
    expect(() => checkIdentity(identity, { ...identity, settings: JSON.stringify(full) })).toThrow(
      "This run can't be resumed: method was lora and is now full.",
    );
  });

  it('is not what may change by now, though older checkpoints name it', () => {
    const older = now({ learningRate: 1e-4 });
    expect(() => checkIdentity(older, identity)).not.toThrow();
    expect(() => checkIdentity(older, now({ seed: 1 }))).toThrow(
      "This run can't be resumed: seed was 42 and is now 1.",
    );
  });
});
