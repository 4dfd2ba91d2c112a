/** The extras' screens. */
export { ratingScreens } from './rating/screens.ts';
export { searchScreens } from './search/screens.ts';
