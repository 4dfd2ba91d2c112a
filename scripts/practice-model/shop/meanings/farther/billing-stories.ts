/** Charges, bills, prices and ways to pay as small stories, each of its own kind; a few of them cannot wait. */
import type { Situation } from '../../types.ts';

const RIGHT = 'They want the wrong charge put right.';

export const billingStories: readonly Situation[] = [
  {
    happened: 'The amount is wrong.',
    wants: RIGHT,
    reply: 'We will check the amount and pay back what was too much.',
    texts: [
      'Your till thinks a lettuce weighs four kilos. I have eaten it and can assure you that it did not.',
      'Somebody has put the decimal point of my plank in the wrong place.',
      'I was the ninety-ninth customer, not the hundredth, but I am sure I am not to pay for both.',
      'You have rounded. Upwards, each time, on all twelve lines.',
      'The paper in the window says two for ten. My slip says two for fourteen.',
      'I am billed for a child of thirteen. He is twelve until [month], and twelve is half.',
      'We had eight coffees at your counter and there are eighteen on the list. We are lively, but not that lively.',
      'You forgot to take off what I had paid when I put the kitchen on hold.',
      "There is somebody else's lawn mower on my bill.",
      'I was promised the old rate for as long as I stay. I have stayed. The rate has not.',
      'The electrician was here for forty minutes. On paper he lived with us for a day.',
      'I have moved a comma and a nought about, but I do not get to your sum with any of them.',
    ],
  },
  {
    happened: 'The customer does not know a charge.',
    wants: 'They want to know what the charge is for.',
    reply: 'We will look up the charge and tell you what it is for.',
    texts: [
      'Who or what is "SVC 3" and why do I pay for it every month?',
      'Between the bakery and the petrol there you are on my statement, with [fee]. What was that?',
      'My husband swears that it was not him, I swear that it was not me, and the dog has no card. What did we buy on the ninth?',
      'You have helped yourselves to [fee]. I would only like to know for what.',
      'An "annual contribution" has appeared. I contribute to the lifeboats and to my grandchildren, and to nobody else that I know of.',
    ],
  },
  {
    happened: 'The customer was charged twice.',
    wants: RIGHT,
    reply: 'I am sorry that you were charged twice. We will pay one of the two back.',
    texts: [
      'The machine hiccuped, and my card has paid for the lamp as often as the machine hiccuped.',
      'I have one pair of feet and one pair of shoes, and my bank has two lines with the same sum.',
      'First cash, since your reader was down. Then, at night, also the card. One of them was a present to you.',
      'A twin has been born on my statement: [amount], and under it [amount].',
    ],
  },
  {
    happened: 'The customer needs a bill.',
    wants: 'They want a bill.',
    reply: 'We will send you the bill.',
    texts: [
      'My tax adviser is a strict woman. She wants a paper for the desk, with a stamp or a number or both.',
      'The ink on your till roll has faded to a memory. The insurer will not pay out for a memory.',
      'My boss only believes in paper. Could the bill for the forty folders be sent as one?',
      'You have billed "Miss Piggy". It was funny at the time, but the tax office does not laugh. My firm is called Pygge Ltd.',
      'I must show what I spent on the nursery, all of it, since [month]. Is there one list of that?',
      'Our treasurer has resigned in tears. Could you send us again all that we paid for this year?',
    ],
  },
  {
    happened: 'The customer asks about a price.',
    wants: 'They want to know the price.',
    reply: 'We will tell you the price.',
    texts: [
      'How deep into the pocket must one reach for the oak one with the drawer?',
      'What do you take for sharpening a scythe?',
      'Is it by the metre or by the roll, and what does that make for a stairwell?',
      'We are eleven nuns with one purse. Is there a kinder price for twelve mattresses?',
      'On Monday it was 89, today it is 69, and I paid on Sunday. You see where this is going.',
      'I am a student and eat pasta. Would you come down a little on the desk?',
      'Does it get cheaper after Christmas? I can wait, if it pays.',
      'Per head or per table, the wine evening? And do drivers pay less?',
      'I would take all nine that are left, if we could agree on a round sum.',
      'What would it come to with the glass, the hanging and the man?',
    ],
  },
  {
    happened: 'A code does not work.',
    wants: 'They want the price with the code.',
    reply: 'We will take the amount of the code off your price.',
    texts: [
      'I have scratched off the silver, and under it is nothing but more silver.',
      'Your birthday present to me says "not for this customer".',
      'The leaflet promises a fifth off. The field turns red and shakes its head.',
      'The little numbers on the voucher have been through the wash. It was for [amount], from my godmother.',
      'My aunt gave me a card of yours for [amount], and your till calls it a stranger.',
      'I had collected nine stamps, the tenth coffee should have been mine. The girl did not know about it.',
    ],
  },
  {
    happened: 'The customer asks how they can pay.',
    wants: 'They want to know how they can pay.',
    reply: 'We will tell you how you can pay.',
    texts: [
      'I have neither a card nor a clever phone, only a savings book and honest intentions. How do I settle it?',
      "May I bring the coins from my late uncle's jar? It is about [amount], all in twos.",
      'The sofa now, the money in slices, would that be possible with you?',
      'When do you dip into my account, at the start of the month or at the end? At the end it is dry.',
      'My bank has been swallowed by another bank. What becomes of the payments I signed for you?',
      'Your page spins after "pay now", and I dare not press it again.',
      'My parish pays on receipt and never in advance. Can you live with that?',
      "Half from my wife's card and half from mine, or do we have to marry our accounts first?",
    ],
  },
  {
    happened: 'The customer got a reminder for a bill that is paid.',
    wants: RIGHT,
    reply: 'I am sorry. We will check the payment and stop the reminders.',
    texts: [
      'You write in red that I owe you something. My bank writes in black that I do not.',
      'I paid for the stove on the day it came. Since then you have reminded me three times, in a rising tone.',
      'The letter is addressed to me and the debt is addressed to the man who lived here before.',
      'I have sent it twice now to be on the safe side. Could you tell me if one of them has landed?',
    ],
  },
  {
    happened: 'Money is running out because of a wrong charge.',
    urgent: 'the money is running out',
    wants: RIGHT,
    reply: 'We will put it right today and call your bank.',
    texts: [
      'A zero has slipped, and you have taken a year of my pension. I cannot pay for my tablets tonight.',
      'The school meals bounced this morning, and tomorrow it will be the rent, all because you booked the cupboard five times.',
      'The men with the drill are coming tomorrow to take out my meter, for your bill that I paid in [month].',
    ],
  },
  {
    happened: 'A stranger is using the card.',
    urgent: 'a stranger is using the card',
    reply: 'We will stop the payment at once and call you.',
    texts: [
      'My handbag was snatched an hour ago, and now my bank tells me that I am shopping with you. I am at the police station.',
      'Somebody is having a wonderful time in your camera department, at my expense, as I write.',
      'The waiter photographed my card, it seems. Three orders with you since lunch, and the fourth just now.',
    ],
  },
];
