/** Money back for something whole that went back or is not wanted, told in many more voices. */
import type { Situation } from '../../types.ts';
import { refundStories } from './refund-stories.ts';

const MONEY = 'They want their money back.';
const BOTH = 'They want to send it back and get their money.';
const LABEL = 'You may send it back. We will mail you a label and pay your money back.';

export const fartherRefund: readonly Situation[] = [
  ...refundStories,
  {
    happened: 'The customer asks how to send something back.',
    wants: BOTH,
    reply: LABEL,
    texts: [
      'How do {returns|I return something|your returns} work? {Never done it before.|The website sends me in circles.|}',
      'I {would like|want|wish} to {return|send back|give back} {my order|one item|part of my order|the [thing]} {for a refund|and have my money returned|}. {It is unused.|Tags still on.|Original packaging, never opened.}',
      'Could you {email|send} me a {return label|returns form|prepaid label}? {I have no printer, though.|Something to stick on the box will do.|}',
      'How {long|many days} {do I have|have I got} to {return|bring back} {something|a present|sale items}? {I am still not sure about the [thing].|}',
      'Who pays the postage {if I send it back|for a return}? {The box is heavy.|You or me?}',
      'Can I {drop it off|hand it in} at {a branch|your shop in [town]} instead of posting it? {I bought it online.|It was an online order.}',
      'I {lost|threw away} the {receipt|box|bill}. Can I still {return the [thing]|get a refund}? {It has not been used.|}',
      'The return {form|page} {crashes|asks for a number I do not have|will not accept my order number}. {I want to send back the [thing].|It is about the [thing], unused.|}',
      'Please {arrange|book} {a collection|a pick-up} of the [thing]. {It is unopened and too heavy for me.|We do not want to keep it.|We have decided against it.}',
      'Returning {three|two} of the {five|four} {dresses|shirts|pairs of jeans} I {ordered to try on|took home}. {How do I fill in the slip?|Same label for all?}',
      'Is it {all right|ok} to {send it back|return it} {without the box|after trying it once|with the seal broken}? {I would like the money, not an exchange.|}',
      'good morning i like to give back, {is new not use|i not open}, {how i get money back|please tell me the way}',
      'RMA number for {two unopened cartons|surplus stock|the [things]}, please. {We over-ordered.|The client changed the design.|Credit to our account.}',
      'Your policy {says|promises} {30 days, no questions|satisfaction or money back}. {I am taking you up on it.|Then this is me, no questions please.}',
    ],
  },
  {
    happened: 'The [noun] [does] not fit.',
    pool: 'textile furniture',
    wants: BOTH,
    reply: LABEL,
    texts: [
      'The [thing] is {lovely|well made} but {[cm] cm too long|too deep for our alcove|far too big for the [room]}. {It has to go back.|I would like a refund.|}',
      'Too {small|tight|short|wide}. {I am between sizes.|Size chart says otherwise.|I should have measured.} {Refund please.|Can I return it?|Money back, please.}',
      'The {shoes|boots} {pinch|rub|are half a size too small}. {I only walked on carpet.|Worn indoors for five minutes.} {I will send them back.|Returning them today.}',
      'The jeans {do not go over my hips|end at my shins}. {Tags are on.|Nothing wrong with them, everything with me.} {How do I get my money?|Back they go.}',
      'It {does not go through the door|will not go round the bend of the stairs}, so the [thing] {stays in its box|stands in the garage}. {Please take it back.|We want to return it.}',
      'The {case|cover|cable|ink|bulb|filter} {does not fit my model|is for another model|has the wrong thread}, {I picked the wrong one|my own fault}. {Unopened. Can I return it?|I would like to send it back for a refund.}',
      'The ring is {two sizes|a size} too {big|small} {for her finger|}. {She said yes all the same.|} {I want to give it back for a refund.|Please refund me, it is unworn.}',
    ],
  },
  {
    happened: 'The customer does not like the [noun].',
    pool: 'textile furniture fragile',
    wants: BOTH,
    reply: LABEL,
    texts: [
      'Not {my style|my thing|what I had in mind|as nice as in the picture}. {Perfectly fine otherwise.|No fault in it.} {I will return the [thing].|Please refund the [thing].}',
      'The colour {clashes with|does not go with|fights with} {my sofa|the wallpaper|everything we own}. {Back it goes.|I would like to return it.|}',
      'Disappointed with the {quality|feel|fabric}: {thinner than I thought|it looks cheap|it scratches the skin}. {I do not want to keep it.|I want my money back.|} {Nothing is broken.|}',
      'My {wife|husband|mother} {hates it|cannot stand it|says it goes or she goes}. So, {how do I return it|a refund, please|back with it}.',
      'It {smells new|is too bright|is too shiny|looks like a hospital} {in our [room]|}. {I tried to like it for a week.|} {Please take it back.|May I return it?}',
      'Regret purchase number one of the year: the [thing]. {Unused, please refund.|It goes back tomorrow.|Can I get my money back?}',
      'The perfume {gives me a headache|is not for me|smells like my aunt}. {I sprayed once.|Still in its box.} {Refund possible?|May I send it back?}',
      'The book is {not what I expected|too difficult for me|in the wrong language, I misread it}. {Clean as new.|Spine not even bent.} {I would like to return it.|}',
      'the [thing] is meh. {sending it back, whats the address|i want a refund|want my money back pls}',
    ],
  },
  {
    happened: 'The customer no longer needs the [noun].',
    pool: 'furniture child plug mechanical',
    wants: BOTH,
    reply: LABEL,
    texts: [
      'It {came|arrived} last week, but {we do not need it any more|plans have changed|the job fell through}. {Never unpacked.|Sealed as it was.} {I want to return it.|Please refund.}',
      'My {brother|colleague} gave us {one|the same [thing]} {just as yours arrived|for the wedding}. {Ours is still wrapped and can go back.|Can I return the new one?}',
      'The doctor says {no more running|no more coffee}, so the {treadmill|coffee machine} I bought {in [month]|on [weekday]} {goes back unused|has to be returned}.',
      'The baby {came early and is too big for it already|has turned out to be a boy, and it is pink}. {Unworn, with tags.|} {May I have a refund?|I want to return it.}',
      '{Mum|Dad|Grandma} {died before she could use it|moved to a home}. {The [thing] is still in its box.|It was delivered a week ago, unopened.} {Would you take it back?|May we return it?}',
      'We {found the old one|repaired the old one} and so {the new [thing] can go back|we would like to return the one you delivered}.',
      'Unwanted {gift|present}. {I have the gift receipt.|She gave me the bill.} {Can I have cash instead?|How do I return it without her noticing?}',
    ],
  },
  {
    happened: 'The customer wants another one instead of the [noun].',
    pool: 'textile mechanical',
    wants: 'They want another one instead.',
    reply: 'You may send it back. We will send another one instead.',
    texts: [
      'Can I {swap|exchange} the {medium for a large|[colour] one for [color]|small one for a big one}? {I ordered the wrong size.|My own mistake.|It has not been worn.}',
      'I would rather have {the [color] one|the bigger one}. {Shall I return this and reorder?|Is an exchange possible?|What I have is unused.}',
      '{Exchange|Swap} or refund, {both are fine|I do not mind which}: the [thing] is {simply the wrong size for me|too large, I chose badly}.',
    ],
  },
  {
    happened: 'The money for a return has not come.',
    wants: MONEY,
    reply: 'I am sorry that your money has not come. We will pay it now.',
    texts: [
      'Where is my refund? {You received the parcel on [weekday].|The parcel got to you [weeks] weeks ago.|Return number [order].}',
      'I {returned|sent back} the [thing] {in [month]|[weeks] weeks ago} and {have not been refunded|am still waiting for my money|no money so far}. {It was signed for.|I have the posting receipt.|}',
      'You {confirmed|approved} {my return|the refund} {on [weekday]|in [month]}, but {my bank account says nothing|it never reached my account|I see nothing on my [card]}.',
      'How long {do refunds take|does a refund take|until the money is back}? {I posted the jacket on [weekday].|The shoes went back a fortnight ago.|}',
      'Refund {pending|"processing"} {since [month]|for [weeks] weeks}. {How much longer?|Please release it.|My patience is pending too.}',
      "The {money|refund} went to {an old card|a closed account|my ex-husband's card}. {How do I get it now?|Can you send it again to the new one?}",
      'Please {refund|credit|reimburse} the {returned goods|goods collected on [weekday]}. {Your credit note is missing.|We have no credit note so far.|}',
      'I {gave|handed} the {dress|coat|lamp} {in at the till|to your driver} and {was told five days|he gave me a slip}. It is now {three weeks|a month}. {My money, please.|}',
      'PAY ME BACK!!! {I returned it weeks ago!|The goods are with you since [month]!|I have sent everything you asked for!}',
      'Two returns, one refund. {The boots are paid, the coat is not.|I am still owed for the second box.|}',
    ],
  },
  {
    happened: 'Too little was paid back for a return.',
    wants: 'They want the rest of their money.',
    reply: 'I am sorry. We will pay you the rest.',
    texts: [
      'I {sent back|returned} {everything|all three}, but you {refunded|paid back} only {half|two of them|[amount]}. {Where is the rest?|}',
      'You {deducted|kept} {postage|[fee]|a restocking fee} from my refund. {Your site says returns are free.|Nobody mentioned that.}',
      'The refund is {[fee] short|too low|less than I paid}. {I paid full price, you gave me back the sale price.|Please pay out the difference.|}',
      'I {was given|received} a {voucher|gift card|store credit} for my return. {I want my money.|I never asked for that.|Please put it back on my [card].}',
    ],
  },
  {
    happened: 'The shop did not accept the return.',
    wants: BOTH,
    reply: 'We will look at your return once more.',
    texts: [
      'You {refused|rejected|sent back} my return because {it was worn|of a missing tag|it came a day late}. {It was not worn.|That is not so.|I disagree.} {Please refund it.|}',
      'The {girl|man} {at the till|in your branch} would not {take back the [thing]|refund me} without {the box|the bank card I paid with}. {Is that right?|Since when?}',
      '"{Sale|Hygiene|Custom} items cannot be returned"? {It was not marked.|It is a plain [thing].|Nobody told me before I paid.} {I want to return it.|}',
    ],
  },
  {
    happened: 'A trial did not persuade the customer.',
    wants: BOTH,
    reply: LABEL,
    texts: [
      'After {ten|thirty} nights on the mattress {my back says no|we sleep worse}. {Please collect it and refund us, as promised.|How do I use the money-back promise?}',
      'You said {try it at home|love it or return it}. {I tried.|We did not love it.} {Where do I send the [thing]?|Please refund me.}',
      'The {app|course|software} {is not for me|cannot do what I need}. {I bought it on [weekday] and used it once.|} {I claim my money back under your promise.|Please refund the purchase.}',
    ],
  },
  {
    happened: 'The time for sending it back ends today.',
    urgent: 'the time ends today',
    wants: BOTH,
    reply: 'We will keep your right to return it. Please send it when you can.',
    texts: [
      'Last day to {return|send back} the [thing] is today and {the label does not print|your page is down|no parcel shop is open}. {Please confirm that it counts.|}',
      'The {30 days|fourteen days} end {tonight|at midnight}. {Your chat is closed.|I am in hospital.} {Please accept my return of the [thing] now.|Write me back today that I may return it.}',
      'The collection for my return {did not come|was missed}, and {tomorrow the period is over|after today you do not take it back}. {What do I do?|}',
    ],
  },
  {
    happened: 'The money is needed very soon.',
    urgent: 'the money is needed very soon',
    wants: MONEY,
    reply: 'We will pay your money back today.',
    texts: [
      'I {cannot pay my rent|cannot buy food} until you {refund|pay back} the {sofa|laptop|cot} I returned in [month]. {The rent is due tomorrow.|My landlord comes tonight.}',
      'Please {release|send} the refund {today|tonight}: {the direct debit for our heating goes out tomorrow|my account is empty and I have two kids|the court wants its money by noon tomorrow}. {You have had the goods for weeks.|}',
      'My refund of [amount] {is all I have|must come today}. {The hostel throws me out tonight.|The car is held until I pay, and I drive my mother to dialysis tomorrow.}',
    ],
  },
];
