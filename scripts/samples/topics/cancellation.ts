/** Ending an order or a subscription. Urgent where it only helps if it happens within hours. */
import type { Topic } from '../topic.ts';

export const cancellation: Topic = {
  name: 'cancellation',
  calm: [
    'Please cancel {my order|order} [order]. {I found the [item] in a shop nearby.|I ordered it by mistake.|}',
    'I would like to {cancel|end|stop} my {subscription|monthly box} {at the end of the month|from [month]}.',
    'How do I {cancel|get out of} the subscription? {There is no button in the app.|The page only offers a pause.}',
    'I {ordered|have ordered} the [item] twice by accident. {Please cancel one of the two.|One of them can be cancelled.}',
    '{We do not need|We no longer need} the [furniture] {because the move has been called off|after all}. It {has not been sent yet|says "processing"}. Please cancel it.',
    'You say the [item] will {take another [weeks] weeks|not come before [month]}. In that case {cancel it|please take my order off the list}.',
    'I want to {withdraw from|cancel} the {extended warranty|care plan} for the [sturdy]. {I took it out on [date].|I never wanted it in the first place.}',
    '{The free trial|My trial month} {runs|lasts} until the end of [month] and I do not want {it to go on|to continue} after that.',
    'Can I take the [item] off order [order] and {keep|leave} the rest? {I only want that one cancelled.|}',
    'My mother {has passed away|died} in [month] and still {gets|has} a coffee box every month. {I would like to end her subscription.|How can I cancel it for her?}',
    'I cancelled the {subscription|box} in [month] and {never got a confirmation|the account still says "active"}. {Please confirm that it has ended.|}',
    'Please cancel the {assembly|installation} appointment for the [furniture] on [date]. {We will build it ourselves.|The furniture itself I still want.}',
    'What is the notice period {for the box|of the subscription}? I am {thinking of giving it up|going to cancel} {next spring|in the autumn}.',
    'The pre-order of the [item]: {please cancel it|I want to cancel}. {My plans have changed.|I got one as a present.}',
    'I do not want {to renew|the renewal of} my {membership|yearly plan} in [month]. {Please do not extend it.|}',
  ],
  pressing: [
    'I {just|accidentally} ordered the [item] {forty times instead of four|thirty times instead of three|eighty times instead of eight}, order [order]. They {ship|leave the warehouse} [soon]. Stop that please.',
    'Please cancel [order] {at once|right away}, it goes out [soon] and {the address is an empty house|nobody lives there any more}.',
    'The yearly plan renews [soon] {for another twelve months|at full price} and the cancel button {gives an error|does nothing}. It must be cancelled before {then|that}.',
    'The fitter for the [furniture] is {due|coming} [deadline], but {I am in hospital|we have a burst pipe}. Cancel it please, otherwise {I pay the full fee|he stands in front of a locked door}.',
    'My {child|six-year-old} got hold of my phone and ordered for [amount], order [order]. Your site says it can be cancelled for {one hour|30 minutes} only and {20 minutes are gone|it fails every time}.',
    'The order for [event] has to be cancelled now, it was called off {because of a death in the family|an hour ago} and the driver {sets off|loads} [soon].',
  ],
  details: [
    'My {customer|order} number: [order].',
    'I {would like|need} {a confirmation|something} in writing.',
    'It is {in the name of|under} [name].',
  ],
  asks: [
    '{Please confirm|Could you confirm that}{.|, thanks.}',
    'Thank you.',
    'Is there {anything|something} else I {have to|need to} do?',
    '{Let me know|Tell me} {when it is done|if that works}.',
  ],
};
