import type { RemedyTool } from '../remedy-tool.ts';
import { blending } from './blending.svelte.ts';
import Strength from './Strength.svelte';
import { blend } from './text.ts';

export const remedyTool: RemedyTool = {
  action: blend.remedy.action,
  Options: Strength,
  act: (runId) => blending.make(runId),
};
