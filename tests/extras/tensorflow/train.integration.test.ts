/** `--executor tfjs` from the command line: the losses of onnxruntime, the same bits after a kill, QLoRA, and a plan. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { doneOf, fettle } from '../../helpers/fettle.ts';
import { fourSteps, lossesOf, trainsLikeOrt } from '../../integration/like-ort.ts';
import { openWorkspace, trainArgs, type Workspace } from '../../integration/workspace.ts';

const FOUR = fourSteps('1e-2');
const TFJS = ['--executor', 'tfjs'];

let workspace: Workspace;
beforeAll(async () => {
  workspace = await openWorkspace();
  doneOf(await fettle(trainArgs(workspace, workspace.at('whole'), ...FOUR, ...TFJS)));
});
afterAll(() => workspace.remove());

describe('training with TensorFlow.js', () => {
  trainsLikeOrt(() => workspace, FOUR, TFJS);

  it('says what computes, and trains beside quantised weights', async () => {
    const out = workspace.at('qlora');
    const ended = await fettle(trainArgs(workspace, out, ...FOUR, ...TFJS, '--method', 'qlora'));
    const start = ended.events.find((event) => event.event === 'start');
    expect(start).toMatchObject({
      executor: 'tfjs',
      device: expect.stringMatching(/^CPU, 1 thread \(TensorFlow\.js 4/),
    });
    doneOf(ended);
    expect(lossesOf(out).every(Number.isFinite)).toBe(true);
  });
});
