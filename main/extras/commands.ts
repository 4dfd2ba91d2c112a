/** The extras' commands, each with the command after which help lists it. */
export { searchCommand as search } from './search/commands.ts';
