/** Short stories of the shop in the third person, and days at its desk where letters are read and answered. */
import { pick } from '../draw.ts';
import { expand, type Slots, tidy } from './grammar.ts';
import { letterFor } from './letter.ts';
import { SLOTS } from './slots.ts';
import { thingSlots } from './things.ts';

interface Story {
  pool?: string;
  text: string;
}

const HEROES = [
  ['Mina', 'she', 'her'],
  ['Tom', 'he', 'his'],
  ['Lena', 'she', 'her'],
  ['Omar', 'he', 'his'],
  ['Grace', 'she', 'her'],
  ['Hugo', 'he', 'his'],
  ['Mrs Baker', 'she', 'her'],
  ['Mr Fox', 'he', 'his'],
  ['Priya', 'she', 'her'],
  ['Adam', 'he', 'his'],
  ['Ruth', 'she', 'her'],
  ['Finn', 'he', 'his'],
] as const;

const STORIES: readonly Story[] = [
  {
    pool: 'fragile',
    text: '[hero] {ordered|bought} a [thing] for [her] [room]. {It came|The parcel came} on [weekday], but the [thing] was {broken|cracked|in pieces|chipped}. [she] {took a picture|was sad} and wrote to the shop. {The shop said sorry and sent a new one.|The shop gave back the money.|A new one came after [days] days.} {Now it stands in the [room].|This time it was whole.|}',
  },
  {
    pool: 'plug battery',
    text: '[hero] {got|bought} a [thing] in [month]. {It worked for [weeks] weeks.|At first all was well.} Then it {stopped|broke down|would not start|made a strange noise and stopped}. [hero] {asked|wrote to} the shop. They {mended it|sent a new one|said that it was faulty and sent another}. {That was all.|It could wait, because nobody was in danger.|}',
  },
  {
    pool: 'plug',
    text: 'One {morning|evening} the [thing] of [hero] {gave off sparks|began to smoke|smelled of burning}. [she] pulled the plug {at once|and opened the window} and called the shop. This could not wait: {somebody could be hurt|there could be a fire}. The shop {called back within minutes|told all other customers not to use it}.',
  },
  {
    pool: 'wet',
    text: 'There was {a puddle|water} under the [thing] in the [room]. [hero] {wiped it up|put a cloth under it} and looked: {the seal was broken|it leaked at the bottom|it dripped from the side}. [she] {sent|wrote} a message to the shop, {and they sent a new one|and a man came to mend it}.',
  },
  {
    pool: 'textile',
    text: 'The new [thing] of [hero] had {a hole|a stain|a torn seam}. {After one wash it was worse.|[she] saw it when [she] took it out of the bag.} The shop {was sorry|said sorry} and {sent another|paid the money back}.',
  },
  {
    text: '[hero] waited for a parcel with a [thing]. {It should have come on [weekday].|It was [days] days late.} {[carrier] had left it with a neighbour.|It was stuck in [town].|The address was wrong.} [she] asked the shop where it was, {and they found it|and it came the next day|and somebody looked for it}.',
  },
  {
    text: 'A parcel came for [hero]. [she] had ordered a [thing], but there was a [other] in the box. {Somebody had packed the wrong thing.|It was meant for a person in [town].} The shop {sent the right thing|fetched the [other] and brought the [thing]} {two days later|on [weekday]}.',
  },
  {
    text: '[hero] ordered {a [thing]|many [things]} for the [event]. The [event] was {tomorrow|the next day} and the parcel had not come. That was urgent. The shop called [carrier], and {the parcel came in time|it was brought by taxi}. The [event] was {lovely|a success}.',
  },
  {
    text: 'The [thing] was {too big|too wide|too small} for the [room] of [hero]. Nothing was broken. [she] {packed it again|put it back in its box} and sent it back. After [days] days [she] had [her] money{. [she] bought a smaller one|}.',
  },
  {
    text: '[hero] did not like the [color] of the [thing]. {In the picture it had looked different.|It was a matter of taste.} [she] asked the shop for a label, {took the parcel to the post|sent the thing back} and {got|had} [her] money {after a week|in [month]}.',
  },
  {
    text: '[hero] {had forgotten|could not remember} [her] password. {The page said that it was wrong.|[she] tried [few] times.} The shop sent a mail with a new one, and [she] could sign in again.',
  },
  {
    text: 'A stranger {signed in|got in} with the password of [hero] and {ordered a [thing]|changed the address}. [hero] {got a mail about it|saw it by chance} and wrote to the shop at once. They {locked the account|stopped the order}. {It was good that [she] did not wait.|[hero] chose a longer password.}',
  },
  {
    text: '[hero] {has a new email address|moved to [town]|has a new phone number}. [she] told the shop, and they {changed it in the account|wrote it down}. {From then on all mails came to the right place.|It took two minutes.|}',
  },
  {
    text: '[hero] looked at [her] {bank statement|card}: the shop had taken the [amount] for the [thing] twice. [she] {wrote to them|asked why}. {It was a mistake|A machine had made a mistake}, and one payment came back {on [weekday]|after [days] days}.',
  },
  {
    text: '[hero] needed a bill for [her] {boss|taxes|office}. {There was none in the parcel.|[she] had lost it.} The shop {sent it by mail|told [hero] where to find it}.',
  },
  {
    text: 'The code [code] should take [percent] off. [hero] typed it in, but the price stayed the same. The shop {took the amount off later|paid the difference back}.',
  },
  {
    text: 'Somebody paid with the {stolen|lost} card of [hero]. The bank called{ at once|}. [hero] told the shop, and they {stopped the order|kept the parcel back}. The thief got nothing.',
  },
  {
    pool: 'furniture',
    text: 'Before [hero] bought the [thing], [she] asked {how wide it was|how much it could carry|what it was made of}. {The shop answered on the same day.|The answer came by mail.} It {was [cm] cm wide|was made of [material]|could carry a grown man}, and so [she] ordered it.',
  },
  {
    pool: 'child textile',
    text: '[hero] wanted to know if the [thing] was safe for a {baby|small child|dog}. The shop wrote that it was {tested|free of poison} and could be washed. {That was only a question and could wait.|[hero] bought it.}',
  },
  {
    text: '[hero] ordered a [thing] {by mistake|twice}. {The parcel had not left yet.|It was still in the shop.} [she] asked them to stop the order, and {they did|nothing was sent|nothing had to be paid}.',
  },
  {
    text: 'Every month [hero] got a [box]. {It was too much.|[she] wanted to save money.|The cupboard was full.} So [she] wrote that [she] wanted to end it. The last box came in [month].',
  },
  {
    text: 'The [thing] came {on time|a day early} and was {lovely|perfect|just right}. [hero] wrote to say thank you. {[she] wanted nothing else.|The people in the shop hung the letter on the wall.|It made [staff] smile.}',
  },
  {
    text: '[hero] wrote in big letters and was very cross. But {it was only about a bill|[she] only wanted a label|the [event] was next year}. It could wait. {Cross words do not make a thing urgent.|The shop answered kindly the next day.}',
  },
  {
    pool: 'plug',
    text: '[hero] wrote a {calm and polite|quiet|friendly} message: the [thing] was sparking. {The words were calm, but it was urgent.|It sounded harmless, but somebody could be hurt.} The shop called at once.',
  },
];

const DESK = [
  'On [weekday] a message came to the shop: "[letter]" {[staff]|[hero]} read it. "[about] [hurry]" The shop wrote back: "[reply]"',
  '[hero] works in a shop for the home. A customer wrote: "[letter]" [hero] thought: "[about]" Then [she] answered: "[reply]"',
  'This was in the letter box of the shop:\n[letter]\n{[about]|[about] [hurry]} The answer was: [reply]',
  'Somebody wrote to the shop. "[letter]" In short: [happened] [hurry]',
  '"[letter]" So began the day at the shop. [about] [happened]',
];

const DESK_SHARE = 0.4;

/** One story: three to eight sentences, with a letter in two of five. */
export function storyFor(random: () => number): string {
  const [hero, she, her] = pick(random, HEROES);
  const bound = new Map<string, string>([
    ['hero', hero],
    ['she', she],
    ['her', her],
  ]);
  if (random() >= DESK_SHARE) {
    const story = pick(random, STORIES);
    return tidy(expand(story.text, { ...SLOTS, ...thingSlots(story.pool) }, random, bound));
  }
  const letter = letterFor(random, false);
  const slots: Slots = {
    ...SLOTS,
    about: [letter.meaning.about],
    hurry: [letter.urgent ? `It cannot wait, because ${letter.urgent}.` : 'It can wait.'],
    reply: [letter.reply],
    happened: [letter.happened],
  };
  bound.set('letter', letter.text);
  return tidy(expand(pick(random, DESK), slots, random, bound));
}
