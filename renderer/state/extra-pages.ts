/** The pages that extras bring, whichever there are. */
import type { ExtraPage } from '../extras/page.ts';
import * as pages from '../extras/pages.ts';

export const extraPages: readonly ExtraPage[] = Object.values<ExtraPage>(pages);
