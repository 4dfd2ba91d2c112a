import { say } from '../../../common/words/language.ts';
import type { MenuPage } from '../menu-page.ts';

export const menuPage: MenuPage = { page: 'learn', label: () => say`Learn` };
