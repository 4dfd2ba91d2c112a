/** The extras' screens. */
export { ratingScreens } from './rating/screens.ts';
