/** The German of the interface; what it lacks yet is said in English. */
import { type Catalogue, EN } from '../en/en.ts';

export const DE: Catalogue = { ...EN };
