/** Which answers of an export are reason enough not to keep it. */
import { describe, expect, it } from 'vitest';
import { requireSaneAnswers } from '../../../../main/engine/export/export-model.ts';

const proof = { prompts: 5, equalAnswers: 0, maxLogProbDrift: 2 };

describe('an export that says something else', () => {
  it.each(['f32', 'f16', 'bf16'])('in %s is wrong, for %s computes what the model does', (type) => {
    expect(() => requireSaneAnswers(proof, type)).toThrow('none of 5 answers is equal');
    expect(() => requireSaneAnswers({ ...proof, equalAnswers: 1 }, type)).not.toThrow();
    expect(() => requireSaneAnswers({ ...proof, maxLogProbDrift: 0.05 }, type)).not.toThrow();
  });

  it('in a coarse type is stated and not judged, unless it says no numbers', () => {
    expect(() => requireSaneAnswers(proof, 'q4_0')).not.toThrow();
    const broken = { ...proof, equalAnswers: 5, maxLogProbDrift: Number.NaN };
    for (const type of ['q4_0', 'f16'])
      expect(() => requireSaneAnswers(broken, type)).toThrow(`As ${type}, this model computes`);
  });
});
