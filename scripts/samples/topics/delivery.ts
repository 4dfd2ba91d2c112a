/** Where a parcel is, when and to whom it comes. Urgent where a date within two days or an emergency hangs on it. */
import type { Topic } from '../topic.ts';

export const delivery: Topic = {
  name: 'delivery',
  calm: [
    "My order [order] was {due|supposed to be here} last [weekday] and {nothing has come|there's still no sign of it}.",
    'The tracking for [order] {has not changed|has been stuck on "in transit"|says "label created"} for [days] days.',
    "The app says the parcel was {delivered|handed over} on [weekday] but {I have not got it|it isn't here|there is nothing on the doorstep}.",
    'Only {one of the two|two of the three} boxes of my order arrived. The [other] is {missing|still not here}.',
    'You sent me a [item] in [shade], I ordered it in [colour]. {Wrong item in the box, I guess.|}',
    'Can I change the delivery address for order [order]? {We are moving on [date].|I typed the old one by mistake.}',
    'Is it possible to have the [item] {left with a neighbour|delivered to a pickup point|brought after 6 pm} {when it comes|next week}?',
    '{When will|Roughly when does} the [furniture] arrive? {The confirmation only says "soon".|No date was given when I ordered it.}',
    '[carrier] left a card saying {I was not at home|nobody answered}, but I was in {all day|the whole morning}. {Will they try again?|}',
    'The parcel shop in [town] says {they never received|they cannot find} my parcel.',
    "I paid for {express|next day} delivery last week and the [item] still took [days] days. {It's here now, but that was not what I paid for.|}",
    'The parcel was {thrown over the fence|left in the rain} by [carrier]. Nothing broken this time, but {please tell them to ring|can you pass that on}.',
    "I got {somebody else's parcel|a parcel for a person in [town]}, {it contains a [other]|with my address stuck on top}. {Who should collect it?|}",
    'Do you have news of my [item]? It has been [longdays] days since {I ordered|the email that it had shipped}.',
    '[relative] is {going to take|taking} the delivery in for me on [weekday]. Do they need {to show something|the order number}?',
    'The delivery slot you offer for the [furniture] is {in the middle of my working day|at 7 am}. Can I {pick a later one|move it to another day}?',
  ],
  pressing: [
    'The [item] is for [event] [soon] and it {has not arrived|still says "preparing"}. {Is there any way to get it here in time?|}',
    'We are {moving out|handing over the keys} [deadline] and the parcel is on its way to the old flat. {Please stop it|It has to be redirected now}.',
    'The van with my [furniture] is {blocking|parked across} our drive and the driver {has walked off|refuses to move}, {I have to get to the hospital|my husband has a dialysis appointment at [hour]}.',
    'The booked delivery of the [furniture] is [deadline] and your system has just {changed|switched} the address to {my old one|[town]}. Somebody has to tell the driver before then.',
    'I am flying out [soon] and the backpack I ordered with next day delivery {is nowhere to be seen|was sent to [town]}. It has to be here {before I leave|before I go to the airport}.',
    "The parcel contains the {charger for my father's medical bed|part for the baby monitor} and the tracking shows it going {back to you|in the wrong direction}. {He|We} cannot {be without it tonight|manage a night without it}.",
    'The venue closes [deadline] and the tablecloths for [event] are {still in the depot|not there}. {Can someone bring them or can I fetch them?|I will drive to the depot myself if you tell me which one.}',
  ],
  details: [
    'Order number [order].',
    'My order is from [date].',
    'This is my first order with you.',
    'I work from home, so {someone|somebody} is always in.',
  ],
  asks: [
    '{Could you|Can you} look into it{?|, please?}',
    'Please let me know.',
    '{Any idea|Do you know} what {happens|to do} now?',
    'Thanks for {having a look|checking}.',
  ],
};
