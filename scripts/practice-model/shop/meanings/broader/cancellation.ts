/** Still more ways to call an order off: cold feet, slips, changed lives, too long a wait, parts, reservations, firms. */
import type { Situation } from '../../types.ts';
import { broaderCancellationPlans } from './cancellation-plans.ts';
import { broaderCancellationUrgent } from './cancellation-urgent.ts';

const STOP = 'They want the order stopped.';
const STOPPED = 'We will stop your order.';

export const broaderCancellation: readonly Situation[] = [
  ...broaderCancellationPlans,
  ...broaderCancellationUrgent,
  {
    happened: 'The customer changed their mind about an order.',
    wants: STOP,
    reply: STOPPED,
    texts: [
      'Cold feet on my part, I am afraid. The [thing] looked like a good idea at two in the morning. Kindly let it stay where it is.',
      'I have gone off the [thing]. As nothing has left you yet, may I back out?',
      'Scrap my [thing], will you? I was in a shopping mood, and the mood is over.',
      'Having measured the [room] properly at last, I see that no [thing] will ever stand there. Good that it is still on your side of the country. It had better remain there.',
      'Half an hour ago I bought a [thing]. Five minutes ago my husband reminded me of the two in the cellar. You see where this is going.',
      'nah, leave the [thing]. order [order]',
      'I withdraw my offer to buy. No goods have been handed over. Please acknowledge receipt of this notice for order [order].',
      'There is a [thing] with my name on it in your warehouse. Peel the name off and sell it to somebody who wants it more.',
      'The more I think about the [thing], the less I want to own it. Is the door still open a crack?',
      'I bought a gift voucher that mails itself to my sister on her birthday in [month]. We no longer speak. Make it not go out.',
      'From tomorrow I am off to the mountains, so do not wonder if I am silent. The pre-order for [month] can be dropped whenever you get round to it.',
    ],
  },
  {
    happened: 'The customer ordered by mistake.',
    wants: STOP,
    reply: STOPPED,
    texts: [
      'My thumb slipped on the bus. I was only going to look at the [thing], and now I have a confirmation. Undo, undo!',
      'I thought that button was for my wish list. It was not. I do not mean to buy the [thing].',
      'You confirmed two orders, [order] and one with nearly the same number. I am one person with one [room]. The later one can go in the bin.',
      'My wife and I have both ordered the [thing] as a surprise for each other. Very romantic. Let us make do with hers and drop mine.',
      'It is the wrong size and I noticed the second after paying. I will order the right one afresh, so this one need not be packed at all.',
      'Our cleaner dusted the keyboard, and that, I swear, is how a [thing] was ordered. Nobody here is after one.',
      'I asked your telephone lady for the price of the [thing]. She seems to have put it through as a sale. That was a misunderstanding and should not go any further.',
      'I am a teacher and showed my class how to shop online. Your form took it for real: order [order] was only make-believe.',
    ],
  },
  {
    happened: 'The customer no longer needs what they ordered.',
    wants: STOP,
    reply: STOPPED,
    texts: [
      'The school has closed the group, so the forty [things] we put in for have no children to use them. Please strike the line before it is processed.',
      'The engagement is off. I would rather not explain. Whatever was on our list and has not left you, let it go.',
      'Our landlord has just forbidden fires on the balcony. The barbecue that you have not sent had better stay with you.',
      'Dad will not come home from hospital. We had ordered a raised toilet seat and a bath rail for him. There is no need for them now.',
      'Since this morning we own a [thing], it stood on the pavement with a note saying "take me". So yours may find another home. Your mail says "not yet packed".',
      'I got the flat furnished after all. Is it possible to make order [order] disappear?',
      'My daughter moves in with her boyfriend, and he owns everything. Everything! Her [thing] is still with you, I see. It can be put back.',
    ],
  },
  {
    happened: 'The old one works again, so the customer does not need the order.',
    pool: 'plug battery',
    wants: STOP,
    reply: STOPPED,
    texts: [
      'The old [thing] has come back to life! I kicked it, if I am honest. So the new one can remain on your shelf.',
      'I ordered a new [thing] because mine was dead. It was not dead, it was not plugged in. Please let me off, and do not tell anyone.',
      'My uncle mended our broken [thing] for a bottle of wine. That leaves yours, not sent yet, without a job.',
    ],
  },
  {
    happened: 'The customer cannot afford the order now.',
    wants: STOP,
    reply: STOPPED,
    texts: [
      'The car has failed its test and eats all that I had put aside. The [thing] has to wait for a better year. Please let me off.',
      'My hours at work have been halved. Would you be so kind as to release me from the purchase of the [thing]? It is due to ship in [month].',
      'Paying by instalments sounded fine until I read the total. As I have not had the [thing] yet, I should like to step away from it all.',
      'We did the sums last night and the [thing] did not survive them.',
    ],
  },
  {
    happened: 'The customer does not want to wait any longer and ends the order.',
    wants: STOP,
    reply: STOPPED,
    texts: [
      'First [month], then spring, now "as soon as we can". I am not asking where it is. I am telling you that I have stopped waiting. Take me off the list.',
      'I do not need another date for the [thing], I need it to be over. Somebody in [town] had one in stock.',
      'You asked if I accept a delay of [weeks] weeks. My answer is no, and so our deal ends here.',
      'Out of stock again? Then I shall not hang on for it. Strike my name.',
      'By [weekday] or never, I wrote when I ordered. Your page now says [month]. So never it is.',
      'The tracking has said "order received" for a month. Whoever is meant to pack it can stop looking: I have lost interest.',
    ],
  },
  {
    happened: 'The customer found something cheaper and ends the order.',
    wants: STOP,
    reply: STOPPED,
    texts: [
      'Your code for [percent] off came a day after I ordered. I will simply order again with it, so you may tear up the first one.',
      'Next door sells the same [thing] for half. Yours is still "in preparation", so let us stop preparing.',
      'The carriage costs more than the [thing] itself, I only saw that in the confirmation. Under these terms I do not wish to proceed.',
      'My sister gets a staff discount elsewhere and is buying me one. Count me out of order [order], and no hard feelings.',
    ],
  },
  {
    happened: 'The customer wants to end a part of the order.',
    wants: 'They want that part stopped.',
    reply: 'We will take it out of your order.',
    texts: [
      'Could you lighten my order by one [thing]? All else as it stands.',
      'Of the four items on order [order] the second is superfluous. Please send the other three.',
      'Twelve [things] were a bit grand. Make it six, the other half I do not want.',
      'You may leave out the gift wrapping and the card. We shall see her ourselves.',
      'I ticked "take my old one away" with the new washing machine. A student downstairs will have the old one, so that bit is not required. Do bring the new one.',
      'The back-ordered half is not worth waiting for. What has arrived is lovely, let the rest lapse.',
      'The twins have turned out to be one baby! One cot is plenty. Please do not build the second one of order [order].',
    ],
  },
  {
    happened: 'The customer gives up a reservation.',
    wants: 'They want the reservation ended.',
    reply: 'We will end your reservation.',
    texts: [
      'You are keeping a [thing] behind the counter for a Mrs Woods. That is me, and I shall not be coming for it.',
      'I was number nine in line for the new [thing]. Number ten will be pleased: I am leaving the queue.',
      'Click and collect, ready since [weekday], it says. I will not be collecting. You need not keep it warm.',
      'The game comes out in [month] and I had put my name down. In the meantime I have read what it is like. Do not reserve one for me.',
      'You rang to say that the [thing] we asked after is in. How kind. Alas, we have made other plans; do let someone else have it.',
      'The table for six in your café on [weekday], under the name of [name]: we shall not be there.',
    ],
  },
  {
    happened: 'The customer wants to end an order that is being made for them.',
    wants: STOP,
    reply: STOPPED,
    texts: [
      'The curtains that you were going to sew for our bay window: have the scissors come out yet? If the cloth is whole, we would like to leave it at that.',
      'I approved the drawing for the kitchen island in a weak moment. Nothing is signed by you so far. We shall not go ahead.',
      'It is not the lettering on the picture frame, it is the groom. He has gone. Engrave nothing, please, and keep the frame.',
      'You offered to build the shelf into our alcove for [amount] and I said yes. I now say no. My neighbour is a joiner, who would have thought?',
      'Five litres of paint number 4471 are to be mixed for me next month: do not mix them. We are going to paper the [room].',
    ],
  },
  {
    happened: 'The customer is loud about an order that they do not want.',
    wants: STOP,
    reply: STOPPED,
    texts: [
      'HELP! EMERGENCY! I have bought a garden gnome!! It will not ship before [month], I know, but I will not sleep until you say that I do not have to have it!',
      'STOP STOP STOP!!! Not the green one! On second thoughts, none at all! (It is not due until next year, so breathe.)',
      'For the THIRD time: I DO NOT WANT THE [thing]! It is planned for next spring, and you keep sending me "we look forward to it" mails!',
      'This is an outrage! Half an hour I hunted on your page for a way out of a pre-order that comes in [month]! So I say it here: OUT!',
      'Alarm at our house: the budget has been read aloud. The [thing] has been voted down, five to one. It was on order for the autumn.',
    ],
  },
  {
    happened: 'The customer wants to know if an order was really stopped.',
    wants: 'They want to know if it was stopped.',
    reply: 'We will check and confirm that it is stopped.',
    texts: [
      'I gave you my no by phone on [weekday]. A line in black and white would let me forget the matter.',
      'Has my "no thanks" to order [order] got through? The status still says "open".',
      'Your colleague promised to pull the order for the [thing]. I have had no note of it and would hate to see a van.',
      'I pressed the red button to call it off and a wheel has been turning ever since. Am I out or am I in?',
    ],
  },
  {
    happened: 'The customer asks how to end an order.',
    wants: STOP,
    reply: STOPPED,
    texts: [
      'By which route does a person who has paid and not yet received get out again? Your help page goes in circles.',
      'How long may I still say no to a [thing] that you have yet to build?',
      'Does it cost me anything to walk away from order [order] now? If it is free, consider me gone.',
      'I bought as a guest, so I have no page on which to call the [thing] off. Where do I turn?',
      'There used to be a little bin beside each order. Now there is none. I want to bin the [thing].',
    ],
  },
  {
    happened: 'A firm wants to end an order.',
    wants: STOP,
    reply: STOPPED,
    texts: [
      'Please be advised that the request for [count] [things] has been taken back by our head office. Kindly send a nil confirmation.',
      'The tender was lost. As agreed, our order under reservation becomes void. Thank you for holding the goods.',
      'Our branch in [town] closes in [month]. All lots due after that date are to be struck; the earlier ones stand.',
      'Kindly withdraw line 3 from our purchase order. The [things] have been found in the storeroom.',
      'My firm has frozen all spending. Purchase order [order] is to be regarded as revoked. We hope to come back to you next year.',
      'The hotel opens a year later than planned. We cannot hold you to the [things] until then, nor you us. Let us dissolve the contract by mutual consent.',
      'The colleague who ordered this has left us, and no one here knows why we should need [count] [things]. Do not process it.',
    ],
  },
];
