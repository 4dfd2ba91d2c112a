import type { PlanTool } from '../plan-tool.ts';
import TrySettings from './TrySettings.svelte';
import { search } from './text.ts';

export const planTool: PlanTool = { title: search.begin, Tool: TrySettings };
