/** Extras that make runs with settings of their own: what the person had asked for, which a repeated run begins with. */
export { planOfTry as search } from './search/searches.ts';
