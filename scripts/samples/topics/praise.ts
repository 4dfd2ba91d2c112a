/** Thanks and compliments that ask for nothing: never urgent. */
import type { Topic } from '../topic.ts';

export const praise: Topic = {
  name: 'praise',
  calm: [
    'I {just wanted to say|have to say}: the [item] is {lovely|even nicer than in the pictures|exactly what I was looking for}.',
    '{Thank you|Big thanks|Thanks so much} to [staff] {in your team|on the phone}, who {was so patient with me|sorted everything out in five minutes} {on [weekday]|}.',
    'Ordered on [weekday], {here|delivered} the next day, {beautifully|carefully} packed. {Wow.|Well done.|That is how it should be.}',
    "We've had the [electrical] for [weeks] years and {use it every single day|it runs like on the first day}. {Great quality.|}",
    'Your {packaging|parcel} without any plastic {made my day|is brilliant}. {More shops should do this.|Please never change it.}',
    'The driver who brought the [furniture] {carried it up four floors with a smile|even took the packaging away with him|carried it up to the attic and stayed friendly}. Please {pass on our thanks|tell him thank you}.',
    'The instructions for the [furniture] are {the best I have ever seen|so clear that my ten-year-old built it}. {Compliments to whoever drew them.|}',
    'Five stars from {me|us}. The [soft] is {so soft|so warm} that {the cat has moved in|[relative] wants one too}.',
    'I was {sceptical|not sure} about buying {a [item]|furniture} online, but {you have won me over|this was perfect from start to finish}.',
    'The replacement you sent {arrived today|came within two days} and {is perfect|works beautifully}. {Thank you for making it so easy.|I did not expect such good service.}',
    'What a {nice|lovely} surprise, the handwritten card in the box! {It is hanging on our fridge.|It made me smile all day.}',
    '[relative] {loved|was delighted with} the [fragile] I {gave as a present|brought to [event]}. {Thanks for helping me choose.|Everybody asked where it is from.}',
    'The refund was {on my account|there} after two days{, no questions asked|}. {That is rare, thank you.|I will gladly order again.}',
    'Just a {note|line} to say how {happy|pleased} {we are|I am} with the new website. {I found everything at once.|Much easier than the old one.}',
    'The [item] in [colour] is {gorgeous|a dream}. {It looks as if it was made for our room.|Could not be happier.}',
    '{Your shop is|You are} {my favourite|the best}, {I have ordered here since 2018|it must be my twentieth order} and {nothing ever went wrong|was never disappointed}.',
    'The monthly coffee box in [month] was {outstanding|the best so far}. {Especially the one from Ethiopia!|My colleagues are jealous.}',
  ],
  pressing: [],
  details: [
    'I have already {recommended you|told all my friends}.',
    '{I will be back.|See you next time.|I am already looking at the [other].}',
    'Keep {it up|up the good work}!',
    'You do not hear that {often enough|every day}, I suppose.',
  ],
  asks: [
    'No need to {answer|reply}.',
    '{Have a nice weekend|Have a lovely day}!',
    'That is all I wanted to say.',
    'Greetings from [town].',
  ],
};
