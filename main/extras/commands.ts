/** The extras' commands, each with the command after which help lists it. */
export { blendCommand as blend, mergeCommand as merge } from './blend/commands.ts';
export { completionCommand as completion } from './completion/commands.ts';
export { rowsCommand as rows } from './documents/commands.ts';
export {
  findCommand as find,
  rankCommand as rank,
  rerankerCommand as reranker,
  vectorsCommand as vectors,
} from './find/commands.ts';
export { memoryCommand as learnMemory, timeCommand as learnTime } from './learn/commands.ts';
export { mcpCommand as mcp } from './mcp/commands.ts';
export { drillCommand as drill } from './rules/commands.ts';
export { searchCommand as search } from './search/commands.ts';
export { teachCommand as teach } from './teacher/commands.ts';
export { forecastCommand as forecast } from './tries/commands.ts';
export { tuningCommand as tuning } from './tuning/commands.ts';
