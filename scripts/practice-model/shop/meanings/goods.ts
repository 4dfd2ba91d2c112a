/** Letters about single goods (`../goods.ts`): each good comes with one or two wordings of a situation, so that all are used evenly. */
import { GOODS, type Good } from '../goods.ts';
import type { Situation } from '../types.ts';

/** For each good so many of the wordings, in turn; `@name` is the good, `@faults` and the like one of what is particular to it. */
function textsOf(wordings: readonly string[], each = 2): string[] {
  return GOODS.flatMap((good, i) =>
    Array.from({ length: each }, (_, k) =>
      filled(wordings[(each * i + k) % wordings.length] as string, good),
    ),
  );
}

function filled(wording: string, good: Good): string {
  const one = (list: readonly string[]) => `{${list.join('|')}}`;
  return wording
    .replaceAll('@faults', one(good.faults))
    .replaceAll('@asked', one(good.asked))
    .replaceAll('@parts', one(good.parts))
    .replaceAll('@praised', one(good.praised))
    .replaceAll('@unfit', one(good.unfit))
    .replaceAll('@name', good.name);
}

export const goodsDamage: readonly Situation[] = [
  {
    happened: 'Something does not work as it should.',
    wants: 'They want a new one or a repair.',
    reply: 'I am sorry. We will send a new one or mend it.',
    texts: textsOf([
      'The @name {I bought|we bought|you sent us} {in [month]|[weeks] weeks ago|on [weekday]} @faults. {What can be done?|I take it that you will replace it.|}',
      'Our @name @faults{, and I would like it put right|, and it is hardly used|}.',
      '{Unfortunately|Sadly|I am afraid} the new @name @faults. {Can it be mended?|A new one, please.|}',
      '{My|The} @name @faults. {I have treated it with care.|It was like that from the first day.|It is [weeks] weeks old.}',
      '@name @faults, {need a new one|please repair or replace|photo attached}',
      'I {am not happy|am disappointed}: the @name @faults{ since [weekday]| after [weeks] weeks|}.',
      '{Is it normal|It cannot be normal} that the @name @faults. {I would say it is faulty.|I ask for another.}',
    ]),
  },
];

export const goodsDelivery: readonly Situation[] = [
  {
    happened: 'Something is missing from the parcel.',
    wants: 'They want the rest of their order.',
    reply: 'I am sorry that something was missing. We will send the rest.',
    texts: textsOf(
      [
        'The @name {came|arrived|is here} {without|but not} the @parts. {Please send it on.|It should be in the box.|}',
        'The @parts of the @name {was not in the carton|is missing|did not come with it}{. All else is fine|}.',
        'I {unpacked|opened} the @name: no @parts{, though it is on the list|. Could you post it to me|}.',
      ],
      1,
    ),
  },
  {
    happened: 'The parcel has not come.',
    wants: 'They want to know where the parcel is.',
    reply: 'I am sorry that your parcel is late. We will find out where it is.',
    texts: textsOf(
      [
        '{Where is|What has become of} the @name {I paid for|I ordered in [month]|you sent on [weekday]}?',
        '{Still no|No} @name {here|so far}, {and it was due on [weekday]|though the tracking says delivered|[weeks] weeks after I ordered it}.',
        'The driver {left|put down} the @name {with somebody we do not know|at the wrong house|in the rain outside the gate}.',
        'When {does|will} the @name {come|get here|leave your warehouse}? {We must be at home for it.|}',
      ],
      1,
    ),
  },
  {
    happened: 'Something wrong came in the parcel.',
    wants: 'They want the right thing.',
    reply: 'I am sorry that the wrong thing came. We will send the right one.',
    texts: textsOf(
      [
        'I {ordered|was to get} a @name and {unpacked|got|was brought} a [other]. {Please swap it.|}',
        'In place of my @name {there was a [other]|you sent somebody a surprise and me a [other]}.',
      ],
      1,
    ),
  },
];

export const goodsRefund: readonly Situation[] = [
  {
    happened: 'The customer wants to send something back.',
    wants: 'They want to send it back and get their money.',
    reply: 'You may send it back. We will mail you a label and pay your money back.',
    texts: textsOf([
      'The @name @unfit. {I would like to return it.|Can it go back? It is unused.|Money back, please. It is as new.}',
      '{We|I} {have decided not to keep|will not keep} the @name: it @unfit. {How do we send it back?|Will you refund it?|}',
      'Nothing wrong with the @name, but it @unfit. {A return label, please.|May I bring it back?|I want a refund.}',
      'return: @name, unopened. it @unfit. {how do i get my money|please send a label}',
      'I {sent back|returned} the @name {in [month]|[weeks] weeks ago}, since it @unfit. {The money is still missing.|When will you refund it?|}',
    ]),
  },
];

export const goodsQuestion: readonly Situation[] = [
  {
    happened: 'The customer asks what something is like.',
    wants: 'They want to know what it is like.',
    reply: 'We will tell you what it is like.',
    texts: textsOf([
      'Could you tell me @asked? {I mean the @name.|It is about the @name on your page.}',
      '{I am thinking of buying|Before I buy} the @name{:|, please tell me} @asked.',
      'Do you {know|happen to know} @asked, with the @name? {The page does not say.|}',
      '{What I would like to know about the @name|My question about the @name}: @asked. {Then I can decide.|}',
      'We have your @name and {like it|are happy with it}, but {nobody knows|the manual does not say} @asked.',
      '@name, {I would like to know|pls tell me} @asked',
    ]),
  },
];

export const goodsPraise: readonly Situation[] = [
  {
    happened: 'The customer is happy with what they bought.',
    wants: 'They want nothing. They only say thank you.',
    reply: 'Thank you for your kind words!',
    texts: textsOf([
      'The @name @praised. {Thank you!|I had to tell you.|}',
      'Our new @name @praised. {Well done.|We are so pleased.|}',
      '{I bought|My son gave me} the @name in [month], and it @praised.',
      '{Just so you know|To whoever made it}: the @name @praised. {Nothing else.|}',
      'the @name @praised!! {love it|}',
    ]),
  },
];

export const goodsCancellation: readonly Situation[] = [
  {
    happened: 'The customer wants to end an order.',
    wants: 'They want the order stopped.',
    reply: 'We will stop your order.',
    texts: textsOf([
      'Please {cancel|stop|strike} the @name {I ordered|from my order} {this morning|on [weekday]|last night}.',
      'The @name {has not left you yet|is not packed yet}, I hope. {Do not send it, please.|I want to call it off.|We no longer want it.}',
      'It @unfit, {as I now read|says my wife}, so {please do not send the @name|cancel the @name before it ships}.',
      'I {no longer need|have thought better of} the @name. {Please take it out of my order.|Can the order be stopped?}',
    ]),
  },
];

export const goodsBilling: readonly Situation[] = [
  {
    happened: 'The customer writes about a price or a bill.',
    wants: 'They want the price or the bill put right.',
    reply: 'We will look at the price and the bill.',
    texts: textsOf([
      'What does the @name {cost|come to} {with delivery|if I take two|for a member}?',
      'You {charged|billed} {me|us} {twice|too much|full price} for the @name. {Please put it right.|}',
      'I need {an invoice|a receipt|a copy of the bill} for the @name{ for my taxes| for my employer|}.',
      'The @name is [fee] cheaper {today|on another page of yours}. {Do I get the difference?|Which price counts?}',
      'Can I pay {for the @name|the @name} {in three parts|by invoice|with a gift card}?',
    ]),
  },
];
