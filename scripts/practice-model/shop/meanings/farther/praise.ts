/** Thanks and compliments, curt and long, from many more people; some name a trouble that is long over. */
import type { Situation } from '../../types.ts';
import { praiseStories } from './praise-stories.ts';

const wants = 'They want nothing. They only say thank you.';
const reply = 'Thank you for your kind words!';

export const fartherPraise: readonly Situation[] = [
  ...praiseStories,
  {
    happened: 'The customer is happy with the [noun].',
    pool: 'furniture textile plug fragile',
    ...{ wants, reply },
    texts: [
      'The [thing] {is|turned out} {gorgeous|a dream|even better than I hoped|worth every penny|spot on}. {Thank you.|Very happy.|Five stars.|}',
      '{Love|Loving|I adore|We love} {the [thing]|my new [thing]}! {Best thing I bought this year.|Sits in the [room] as if made for it.|Everyone asks where it is from.}',
      'Just {a note|a line|a few words} to {say|tell you} how {pleased|happy|delighted} {I am|we are} with the [thing].',
      'I {use|look at|enjoy} the [thing] every {single day|morning} and {smile|think of you|am glad I bought it}.',
      'After {a year|[few] years} the [thing] {still looks like new|runs as on day one|has never let me down}. {They do not make them like that any more, except you.|Well made, thank you.|}',
      '{Top|Great|Excellent|First-class} {quality|workmanship}, {fair price|lovely finish|neatly packed}. {Will buy again.|Gladly again.|Recommended.|}',
      'I {was sceptical|had my doubts|nearly did not order}, but the [thing] {won me over|is superb|proved me wrong}.',
      'My {mother|gran|wife} {cried with joy|beamed|hugged me} when she {saw|unwrapped} the [thing]. {Thank you for that.|You made her day.|}',
      'Whoever {designed|made|thought up} the [thing] deserves {a medal|a raise|a hug}.',
      'the [thing] is {sooo good|amazing|perfect}, {thx|thank u|cheers} {guys|all|}',
      'Very nice [thing], very good shop, {I am happy customer|my wife happy, me happy}. {Thank you much.|God bless.}',
      'My {back|neck|feet} {has|have} {not hurt since|thanked me}: the {mattress|pillow|insoles|chair} {is|are} {a blessing|wonderful}.',
      'Our {dog|cat} {refuses to leave|has adopted} the {cushion|basket}, so {I call that success|ten out of ten from her}.',
      "The {jam|coffee|bread|cheese} tastes {like at my grandmother's|of summer|heavenly}. {The jar is empty already.|We fought over the last bit.|}",
      'The {book|puzzle|game} kept us {up all night|busy all winter|laughing for hours}. {What a find!|Thank you for the tip.|}',
      'The {dress|coat|jumper} {fits like a glove|hangs beautifully|got me three compliments}. {I feel like a queen.|So pleased.|}',
      'The seeds {came up like mad|all came up}, {we live on tomatoes|the balcony is a jungle}. {Marvellous.|Thank you!}',
    ],
  },
  {
    happened: 'The customer thanks somebody for help.',
    ...{ wants, reply },
    texts: [
      '{Please pass on|Please give|Send} {my thanks|a big thank-you|my compliments} to [staff], {who helped me choose|who stayed on the line for an hour|who was so patient with me}.',
      '[staff] {was|were} {brilliant|so kind|a star|an angel|very patient}. {Solved in two minutes.|Such a nice voice.|That is service.}',
      'I {called|came} with {a silly question|a muddle|a long list} and {left with a smile|was treated like a queen|got a straight answer}. {Thank you.|}',
      '{Superb|Fantastic|Lovely|Outstanding} {customer service|support|team}! {Quick, friendly, helpful.|You deserve to hear it.|}',
      'I {complained|grumbled} in [month], so it is only fair to {praise|write} now: {all was put right|everything is fine|you were great}. {Thank you.|}',
      'The {broken one was replaced|missing part came|mistake on my bill was put right} {within a day|in no time|without any fuss}. {That is how it should be.|I am impressed.|Thank you so much.}',
      'Your {refund|money} {came|was on my account} {faster than I could look|the very next day}. {I am impressed.|Hats off.|Thank you for being so fair.}',
      'Thanks to your {colleague in the chat|hotline} I {can log in again|am back in my account}. {What a relief.|She never lost patience.|}',
      'Thank you for {cancelling it so kindly|letting us out of the contract|stopping it in time}. {Not every firm would.|We will be back.|}',
      'The fitters {were on time, clean and funny|did a wonderful job|even swept up}. {My compliments.|Coffee is on me next time.|}',
      'I am {deaf|blind|in a wheelchair}, and your {people|staff} {simply helped, without fuss|treated me like anybody else}. {Thank you.|}',
      'When {my husband died|I was ill|our house burnt} you {wrote a card|were so human|kept our order safe}. {I will not forget it.|Thank you from the heart.}',
      'Big shout-out to {your warehouse|the girl at the till|the night shift|whoever answers the mails}. {Legends.|You rock.|Keep it up!}',
    ],
  },
  {
    happened: 'The customer is happy with the delivery.',
    ...{ wants, reply },
    texts: [
      'Ordered {yesterday|at ten at night}, {here today|arrived this morning}. {Wow.|How do you do that?|Impressive.}',
      'The {parcel|box} {came|arrived} {early|on the dot|in perfect condition}, {beautifully wrapped|with a handwritten card|not a scratch}. {Thank you!|Lovely.|}',
      'Your {driver|courier} {carried it up four floors|waited in the rain for me|put it under the roof because of the snow}. {Please thank him.|What a gentleman.|A hero.}',
      'Thank you for {the chocolate in the parcel|the free sample|the little note|packing it without plastic}. {It made my day.|Such a nice touch.|}',
      'Everything {came|arrived} {whole|safe and sound|complete and on time}, {even the eggs|even to our island}. {Well done.|Bravo.|}',
      'Delivered {in time for|on the morning of} the [event], {and it was a hit|everyone loved it}. {You saved us.|Thank you, thank you.}',
      "I thought it was lost, but it {came after all|was at my neighbour's all along}. {No harm done, and thanks for your help.|All is well, you were lovely about it.}",
    ],
  },
  {
    happened: 'The customer likes the shop.',
    ...{ wants, reply },
    texts: [
      '{Best|Nicest|My favourite} shop {ever|in the world|on the internet}. {Never change.|Full stop.|Always a pleasure.}',
      'I have {been buying|shopped} here for {ten|twenty} years and {have never been let down|it is always a joy}. {Thank you for that.|Just wanted to say so.}',
      'I {tell|have told} {all my friends|the whole village|everyone at work} about you. {You have earned it.|}',
      'No {complaint|question|problem}, {no request|nothing to fix}. {Just thanks.|I only wanted to say: well done.|Keep doing what you do.}',
      'Your {website|app|catalogue} is {a pleasure to use|so easy that even I manage|beautiful}. {Somebody thought about it.|Compliments.|}',
      'The {cooking class|workshop|wine evening} was {a delight|great fun|so well run}. {We laughed all evening.|I learned a lot.|When is the next? No need to answer.}',
      'Please {never stop making|keep} the {[box]|lemon soap|blue mugs}. {It is the high point of my month.|Pure joy.|}',
      'On behalf of {the school|our team|the nursery|the choir}: {thank you|we are most grateful} for {your support|the donated toys|your excellent work}. {The children send drawings.|Kind regards.|}',
      'Honest prices, honest people. {That is rare.|Thank you for existing.|}',
      '{A|One} happy {customer|pensioner|family} {says thanks|here}{. Nothing else|. That is all|}.',
      'Five stars {from me|for everything}. {Would give six.|Nothing to add.|}',
      'You {have|got} a customer for life. {Thank you.|Well deserved.}',
      'Merry Christmas and thank you for {a good year|all the parcels}! {From all of us.|}',
      'After {your mistake with the bill|the mix-up|the long wait} I was ready to be {angry|cross}. {But the way you handled it was perfect.|You turned it round. Thank you.}',
    ],
  },
];
