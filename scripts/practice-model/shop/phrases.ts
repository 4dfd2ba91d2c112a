/** What may stand around any message: greetings, tone, hurry and no hurry, closings. None of it changes the meaning. */

export const GREETINGS = [
  'Hello,',
  'Hi,',
  'Hi there,',
  'Good morning,',
  'Good evening,',
  'Dear team,',
  'Dear shop,',
  'Dear Sir or Madam,',
  'Hello everybody,',
  'Hey,',
  'To whom it may concern,',
  'Hello dear people,',
  'Good day,',
  'Hi {[name]|team},',
];

export const OPENINGS = [
  'I have a {problem|question}.',
  'I hope you can help me.',
  'I am writing {about|because of} my order.',
  'Sorry to bother you.',
  'Just a {quick|short} {note|message}.',
  '{I have been|I am} a customer {for years|of yours}.',
  'This is my {first|second} message.',
  'I {tried to call|could not reach anybody}.',
  'I hope you are well.',
  'Maybe you can help.',
];

/** Cross words: they say nothing about hurry. */
export const CROSS = [
  'I am {really|very|so} {angry|cross|annoyed|upset}!',
  'This is {a joke|unbelievable|a disgrace|outrageous}!',
  'What kind of shop is this?',
  'I have had enough!',
  'That is the {last|second|third} time!',
  'I will {never|not} buy here again!',
  'You should be ashamed!',
  'I am {fed up|furious}!',
  'Terrible service!!!',
  'ANSWER ME!',
  'I want your boss!',
  'I expect a reply IMMEDIATELY!',
];

export const CALM = [
  'There is no hurry.',
  'It is not urgent.',
  'Take your time.',
  'Whenever you {have time|find a minute}.',
  'It can wait until next week.',
  'I need it only for the [event] [later].',
  'The [event] is [later], so there is time.',
  'No rush.',
  'We are away until [month] anyway.',
];

export const DEADLINES = [
  'The [event] is [soon]!',
  'I need it for the [event] [soon].',
  'We need it [soon] for the [event].',
  'It is for the [event] [soon].',
  'The [event] is already [soon].',
  '[soon] is the [event] and {I have nothing else|there is no other one|everybody counts on it}.',
  'It must be {sorted out|here} before the [event] [soon].',
  'my [event] is [soon] and {i really need it|now i have nothing}',
];

export const CLOSINGS = [
  'Thanks',
  'Thank you',
  'Thanks,\n[name]',
  'Kind regards\n[name]',
  'Best wishes,\n[name]',
  'Yours,\n[name]',
  'Greetings, [name]',
  'Many thanks, [name]',
  'Best, [name]',
  '[name]',
  'Regards, [name]',
  'Cheers, [name]',
  'Bye, [name]',
  'Yours sincerely\n[name]',
];
