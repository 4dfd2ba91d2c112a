/** Something arrived broken or stopped working. Urgent where it endangers someone or is needed within two days. */
import type { Topic } from '../topic.ts';

export const damage: Topic = {
  name: 'damage',
  calm: [
    'The [fragile] {arrived|turned up|came} {in pieces|with a long crack down one side|chipped at the rim|smashed}.',
    "{Unpacked|Just unpacked|I've unpacked} the [furniture] and one of the legs is {bent|split|snapped off}.",
    "My [electrical] {stopped working|died|won't switch on any more} after {about a week|[days] days|less than a month}.",
    'There is a {deep scratch|big dent|nasty scrape} on the {front|top|side} of the [wood] that was there when I opened the box.',
    'The zip on the [zipped] broke the {first|second} time I used it. {The teeth just came apart.|It will not close now.|}',
    'Parcel [order] looked like {it had been sat on|somebody had dropped it down the stairs}, and the [fragile] inside is broken.',
    'The seam of my new [soft] has {come undone|split} after {one wash|two washes|a single wash at 30 degrees}.',
    'One of the shelves in the [line] bookcase came {cracked|warped|with the corner knocked off}, the rest is fine.',
    'The [motor] makes a {grinding|rattling|high whining} noise and {then gives up|does nothing else}. It did that from the first day.',
    'Half of the screw holes in the [furniture] are {drilled in the wrong place|missing} so it cannot be put together.',
    'The display on the [digital] only shows half of each digit. {It has been like this out of the box.|I think a part of it is dead.}',
    'I ordered [weeks] pieces ([fragile]) and one of them {has a chip|is cracked right through|has a hairline crack}.',
    "The colour of the [soft] {came off on everything in the wash|ran in the first wash} and now it's patchy. {Clearly a fault.|That can't be right.}",
    "The lid of the [lidded] doesn't {close|click shut} because the {hinge|catch} is broken.",
    'The paint on the [wood] is {peeling off in flakes|blistering} although {it has been indoors the whole time|I only got it in [month]}.',
    'Bought the [fragile] for {the hallway|the living room}. When I lifted it out of the box {one corner|the base|a piece of the edge} stayed behind.',
    "I can't use the [electrical]: the {button|switch|plug} was {loose|broken} when it arrived.",
  ],
  pressing: [
    'The [electrical] {started smoking|gave off sparks|began to smell of burning} when I plugged it in, {the socket is black now|we had to pull the fuse}.',
    'I got {an electric shock|a shock} from the [electrical] {when I touched the casing|this morning}. {Luckily nobody was hurt badly.|My arm still tingles.}',
    'The [line] high chair {collapsed|gave way} with my {son|daughter|little one} in it. {We are using it every day and have nothing else.|}',
    'The [fragile] is for [event] [soon] and it {arrived broken|came out of the box in two pieces}. I need {a replacement|another one} before then.',
    'The battery of the [cordless] is {swelling up|getting so hot that it melted the case}. {It is lying on the balcony now.|What do I do with it right now?}',
    'Our only heater, the fan heater from order [order], {broke down|packed in} last night and {it is minus six outside|we have a newborn in the house}.',
    'The glass door of the [line] cabinet {shattered by itself|burst}, there are splinters everywhere and {a second one has the same crack|the other door is creaking too}.',
  ],
  details: [
    'The order number is [order].',
    'I can send photos {if that helps|if you need them|}.',
    'The box itself {looked fine|had a hole in it|was soaked}.',
    'I have kept {the packaging|all of the packaging}.',
    '{I was really looking forward to it.|Such a shame, it looked lovely on the website.}',
    'It was bought {on [date]|in [month]}.',
  ],
  asks: [
    '{Could you|Can you} send {a replacement|a new one}{?|, please?}',
    'How do we {sort this out|go from here}?',
    'What {do you need from me|should I do with it}?',
    'Is this covered by the {guarantee|warranty}?',
  ],
};
