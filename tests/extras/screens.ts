/** The extras' screens. */
export { ratingScreens } from './rating/screens.ts';
export { rayScreens } from './ray/screens.ts';
export { searchScreens } from './search/screens.ts';
