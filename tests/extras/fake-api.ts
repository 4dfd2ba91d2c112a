/** What the fake API has of the extras, by their section of the contract. */
export { fakeBlends as blends } from './blend/fake-api.ts';
export { fakeDocuments as documents } from './documents/fake-api.ts';
export { fakeFind as find } from './find/fake-api.ts';
export { fakeLearn as learn } from './learn/fake-api.ts';
export { fakeRatings as ratings } from './rating/fake-api.ts';
export { fakeDrills as drills } from './rules/fake-api.ts';
export { fakeSearches as search } from './search/fake-api.ts';
export { fakeTeacher as teacher } from './teacher/fake-api.ts';
export { fakeTries as tries } from './tries/fake-api.ts';
