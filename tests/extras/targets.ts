/** Worlds of the extras' kinds of target, in which trainings elsewhere are tried. */
export { rayWorld as ray } from './ray/fake-ray.ts';
