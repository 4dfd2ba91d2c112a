/** Questions about a product, before or after buying. Urgent where safety or a date within two days hangs on it. */
import type { Topic } from '../topic.ts';

export const productQuestion: Topic = {
  name: 'product-question',
  calm: [
    '{Does|Will} the [furniture] {fit|stand} in a {niche|gap} that is {60|75|82} cm wide? {The page gives only the height.|}',
    'What is the [soft] made of? {I am allergic to wool.|The label is not readable in the photo.|}',
    'Is the [motor] {loud|noisy}? {It would be in the bedroom.|We live in a flat with thin walls.}',
    'Will the [item] {be back in stock|come back} in [colour]? {It has been sold out for weeks.|}',
    'Can the [dish] go in the {dishwasher|microwave|oven}? {The manual does not say.|}',
    'How much weight can the [wood] {carry|take}? {It might have to hold an aquarium.|It will hold a lot of books.}',
    'Which {filter|refill} does the [filtered] {need|take}? {I could not find it in the shop.|}',
    'What is the difference between the two versions of the [item]{ apart from the price|}?',
    'Does the [electrical] work {on 110 volts|with a US plug|on a boat with 12 volts}?',
    'I {lost|threw away} the {manual|instructions} for the [sturdy]. {Is there a PDF?|Can I download it somewhere?}',
    'How do I {descale|clean} the [wet]? {Vinegar or something special?|}',
    'Is the [wood] {real wood|solid wood} or veneer? {And is it oiled or lacquered?|}',
    'Do you {sell|have} {spare parts|a spare lid|replacement feet} for the [sturdy]? Mine {got lost when we moved|is fine, I only want one in reserve}.',
    'Could the [item] be used {outdoors? We have a covered terrace.|outdoors?|in a bathroom?}',
    'Is the [soft] the same {grey|green|blue} as the {cushion|curtains} of the [line] range? {I would like them to match.|}',
    'Where is the [item] {made|manufactured}? {I try to buy things from close by.|}',
    'Can the [electrical] be {set to a timer|used with an app}? {Your page mentions it once and then never again.|}',
    'How long is the {cable|cord} of the [electrical]? {The socket is behind the sofa.|}',
  ],
  pressing: [
    'Is the {glaze|paint} on the [fragile] {free of lead|poisonous}? My {toddler|daughter} has just {chewed off a piece|swallowed a bit of it}.',
    'The [filtered] is running and {shows|is blinking} "E7", the manual says "danger" but not what to do. {Should I switch it off?|Can I go near it?} It is {very hot|humming loudly}.',
    'My dog {ate|has swallowed} the {gel bag|little sachet} that was packed with the [item]. What is in it? The vet {needs to know now|is on the phone}.',
    'I am {fitting|hanging up} the [line] wall cupboard for [event] [soon]: which {screws|plugs} does it {need|take} in plasterboard? {The guests sit right below it.|The fitter is here until [hour] only.}',
    'Can the electric blanket be used with {a pacemaker|an insulin pump}? My {mother|father} is {lying on it right now|going to use it tonight}.',
  ],
  details: [
    '{I looked on the website first.|I have read the product page.}',
    '{I am asking for [relative].|[relative] wants to know.}',
    'I have had {good experience|no trouble} with {your things|your shop} so far.',
  ],
  asks: [
    'Thanks {in advance|for your help}.',
    'Would be {great|good} to know.',
    '{Maybe|Perhaps} somebody there knows?',
    'I could not find {an answer|that} {online|anywhere}.',
  ],
};
