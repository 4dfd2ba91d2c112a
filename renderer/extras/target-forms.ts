/** What adding a target asks for, of the extras' kinds. */
export { rayForm } from './ray/form.ts';
