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
    name: 'teach-gone',
    title: 'Teacher: one that is gone',
    at: 'teach/ffffff',
    ready: text(/This teaching is not here any more/),
  },
];
