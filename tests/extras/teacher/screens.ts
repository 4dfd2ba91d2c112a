import { type Screen, text } from '../../helpers/screens/screen.ts';

export const teacherScreens: readonly Screen[] = [
  {
    name: 'teach',
    title: 'Teacher: texts, examples and who answers',
    at: 'teach',
    ready: text('Bank mails'),
    main: true,
  },
  {
    name: 'teach-away',
    title: 'Teacher: an address that is not this computer',
    at: 'teach',
    act: (page) => page.getByRole('textbox', { name: 'Address' }).fill('https://api.example.com/v1'),
    ready: text('My texts may leave this computer'),
  },
  {
    name: 'teach-decide',
    title: 'Teacher: a text to decide',
    at: 'teach/d4e5f6',
    ready: text(/I changed euros yesterday/),
    main: true,
    wide: true,
  },
  {
    name: 'teach-vary-new',
    title: 'Teacher: variations of the examples',
    at: 'teach',
    act: (page) => page.getByRole('tab', { name: 'Variations of my examples' }).click(),
    ready: text('Variations of each example'),
  },
  {
    name: 'teach-vary',
    title: 'Teacher: a variation to decide, and what the others cost',
    at: 'teach/e5f6a7',
    ready: text(/Written like your example/),
    main: true,
  },
  {
    name: 'teach-gone',
    title: 'Teacher: one that is gone',
    at: 'teach/ffffff',
    ready: text(/This teaching is not here any more/),
  },
];
