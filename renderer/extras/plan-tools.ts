/** What extras offer in the last step of a new run. */
export { planTool as search } from './search/plan-tool.ts';
