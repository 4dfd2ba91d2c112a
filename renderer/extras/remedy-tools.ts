/** What extras do for the remedies that they propose, by the names of those. */
export { remedyTool as blend } from './blend/remedy-tool.ts';
