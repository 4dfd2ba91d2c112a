import { EXECUTORS } from '../../../common/settings/executors.ts';
import type { ExtraLibrary } from '../library.ts';
import { tensorFlowText } from './text.ts';

export const tensorFlowLibrary: ExtraLibrary = {
  executor: EXECUTORS.tfjs.title,
  library: tensorFlowText.library,
  way: tensorFlowText.way,
  pack: 'tensorflow',
  packText: tensorFlowText.pack,
};
