/** The extras' screens. */
export { blendScreens } from './blend/screens.ts';
export { documentScreens } from './documents/screens.ts';
export { findScreens } from './find/screens.ts';
export { learnScreens } from './learn/screens.ts';
export { ratingScreens } from './rating/screens.ts';
export { rayScreens } from './ray/screens.ts';
export { rulesScreens } from './rules/screens.ts';
export { searchScreens } from './search/screens.ts';
export { teacherScreens } from './teacher/screens.ts';
