/** In which numbers a model is judged: those that it was trained in, else the quickest that a test on this computer found right. */
import { gainsByInt8 } from '../../../common/settings/memory.ts';
import { keptSpeedTest } from '../../speed-tests.ts';
import type { BaseFormat } from '../nn/parameters.ts';
import type { OpenedModel } from './open-model.ts';

/** The format of weights, or what chooses one for a model. */
export type FormatChoice = BaseFormat | null | ((opened: Pick<OpenedModel, 'outline'>) => BaseFormat | null);

interface Judging {
  readonly precision: 'auto' | 'f32' | 'f16' | 'int8';
  readonly executor: string;
  readonly device?: string;
}

/** For a model whose weights were trained on in the format `trainedIn`: only float32 that nobody asked for is left open. */
export function judgedIn(
  { precision, executor, device }: Judging,
  trainedIn: BaseFormat | null,
): FormatChoice {
  if (trainedIn !== null || precision === 'f32' || precision === 'f16') return trainedIn;
  if (precision === 'int8') return 'int8-row';
  return ({ outline }) => {
    const settings = { executor, ...(device !== undefined && { device }) };
    const gains = gainsByInt8({ method: 'lora', parameters: outline.parameterCount, settings });
    return gains && keptSpeedTest('int8')?.problem === null ? 'int8-row' : null;
  };
}
