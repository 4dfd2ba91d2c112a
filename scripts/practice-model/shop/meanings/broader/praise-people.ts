/** Praise for people: at the phone, in the shop, at the door, and for troubles of every kind that are over. */
import type { Situation } from '../../types.ts';

const nothing = 'They want nothing. They only say thank you.';
const reply = 'Thank you for your kind words!';
const passOn = 'Thank you. We will pass it on.';
const settled = 'The shop put something right and the customer is glad.';

export const broaderPraisePeople: readonly Situation[] = [
  {
    happened: 'The customer thanks somebody for help.',
    wants: nothing,
    reply: passOn,
    texts: [
      'There is a voice on your hotline, low and calm, [weekday] evenings. I do not know the name. It deserves a holiday.',
      'I rang in tears and hung up laughing. That was not in the job description, I am sure.',
      'Forty minutes, one screwdriver, and [staff] at the other end saying "now the small one". We did it, the two of us!',
      'I have a stammer. [staff] waited for every word. You have no idea how seldom that happens.',
      'Hat off to [staff]: knew the answer, did not pass me on, did not sell me anything.',
      'My thick accent and your bad line, and still [staff] got it all right at the first go.',
      'Somebody in your team writes mails that sound like a human being. Do not train it out of them.',
      'I expected a robot and was given [staff]. What luck.',
    ],
  },
  {
    happened: 'The customer praises people in the shop.',
    wants: nothing,
    reply: passOn,
    texts: [
      'The young man at the lamps in [town] talked me down from three lamps to one. I shall come back for the other two, out of gratitude.',
      'My little one was sick on your carpet. Nobody pulled a face, someone brought water, someone brought a balloon. You are good people.',
      'A lost wallet, found by your cashier, every note in it. There is hope for the world.',
      'I came in to get out of the rain and was offered a chair and a cup of tea. I did not buy anything, and no one minded.',
      'The big man at your door knelt down to tie the shoelace of my mother. I want that known.',
      'She climbed to the top shelf for me three times, the girl with the green hair, and was still humming.',
    ],
  },
  {
    happened: 'The customer praises the fitters.',
    pool: 'furniture',
    wants: nothing,
    reply: 'Thank you. We will tell the fitters.',
    texts: [
      'They came at eight as they said, were gone by ten, and the only trace of them is a kitchen.',
      'Your plumber saw that the old pipe was about to go and put it right without a word about money. I slept soundly.',
      'In twenty years in this house nobody has ever hung anything straight. Until [weekday].',
      'He took the time to show me which tap shuts off what. I am a widow and my husband always did that.',
      'The lads who put up the [thing] sang in two voices. I nearly ordered a second one to hear more.',
      'Old walls, nothing at right angles, and your joiner only said "nice challenge". The result is a poem.',
    ],
  },
  {
    happened: 'The customer praises the driver.',
    wants: nothing,
    reply: 'Thank you. We will tell the driver.',
    texts: [
      'Fifth floor, no lift, thirty-four degrees. He put the [thing] down, wiped his face and wished me a nice day.',
      'Your driver noticed that the curtains of my neighbour had not moved for days and rang the bell. She had had a fall, and is well again. He is why.',
      'He hid the parcel so well from the rain, and from my children, that it stayed a surprise. A professional!',
      'The woman in the big van reversed down our lane as if it were nothing. My uncle, who drives a tractor, clapped.',
      'My own mistake in the address sent him to the wrong village, and he still came in his lunch break. A star.',
      'Our dog hates every delivery man but yours.',
    ],
  },
  {
    happened: 'The customer is happy with the delivery.',
    wants: nothing,
    reply,
    texts: [
      'Whoever packs at your place should teach it. Eleven glasses over the mountains, eleven glasses out of the box.',
      'You said [weekday]. It was [weekday]. In this world!',
      'Straw, string and paper, and not one of those little foam balls. My broom is grateful.',
      'I sat down to ask you where it was, and then the doorbell rang. So now you get a bouquet instead. Splendid work.',
      'From click to doormat in nineteen hours. I had not even told my wife yet.',
      'The snow had closed the pass, and the radio said nothing would get through. Then came your [thing].',
      'All nine boxes, numbered, on the right floor. Moving house has never been so painless.',
      'There was a spare screw in the bag, with a note: "in case one rolls under the fridge". One did. I could hug you.',
    ],
  },
  {
    happened: 'The customer is glad how a return went.',
    wants: nothing,
    reply,
    texts: [
      'I gave the [thing] back with a heavy heart and you repaid me with a light hand. All closed, all well.',
      'You said five days for the money, it took two, and there was even a line asking how my back is. I am a fan.',
      'Nobody asked me why I sent it back. Nobody made a face. The sum is on my card and I have already spent it with you again.',
      'In the parcel that went back to you was one of my own slippers, and you posted it to me, brushed. I have laughed all day.',
    ],
  },
  {
    happened: settled,
    pool: 'plug wet',
    wants: nothing,
    reply,
    texts: [
      'The crack is history. The new one came before I had swept up the old one.',
      'You could have sold me a new [thing]. Instead you sent a seal for two pounds and a drawing. It runs again. Bravo!',
      'Fifteen years old, my [thing], and you still had the knob for it! Other firms do not even have a phone number.',
      'The scratch that you touched up cannot be found, and I have tried with a lens.',
      'When the [thing] smoked last winter I was beside myself; within the hour your man had taken it away and lent us another. All is long since well. I only never said how much that meant.',
      'Mistakes happen. What you make of them is class. The matter is settled to my full satisfaction.',
    ],
  },
  {
    happened: settled,
    wants: nothing,
    reply,
    texts: [
      'What was taken twice has come back, and with an apology that did not sound copied. Case closed, friends again.',
      'I was locked out for a week by my own stupidity. [staff] let me in again without making me feel stupid.',
      'Somebody had got into my account and you were quicker than he was. Nothing was lost. I sleep well again, and that is the merit of your night shift.',
      'The invoice with the right tax number was in my mail before I had put the phone down. My auditor bows.',
      'You noticed before I did that I had paid too much. Honest to the bone!',
    ],
  },
  {
    happened: 'The customer is glad how the shop ended something.',
    wants: nothing,
    reply,
    texts: [
      'You let me out of the order when my husband fell ill, without a fee and with a card for him. He has it by his bed.',
      'I left your [box] last month and got the kindest goodbye. One could almost come back for that.',
      'How good of you to free my place in the course so late in the day. The next lady was happy, I hear, and so am I.',
    ],
  },
  {
    happened: 'The customer got good advice.',
    wants: nothing,
    reply: passOn,
    texts: [
      'I asked which glue holds on slate, and you tried it out. TRIED IT OUT! It holds.',
      'Your advice to take the smaller [thing] was right to the centimetre.',
      'Four questions, four answers, all in one mail and in words I know. You are a rare breed.',
      'You told me honestly that the [thing] is not for me and where I would find a better one. I shall not forget that.',
    ],
  },
  {
    happened: 'The customer got something extra.',
    wants: nothing,
    reply,
    texts: [
      'You put in a bag of sweets and a pencil with my name. How old do you think I am? (They are gone already.)',
      'The [colour] one was sold out and you sent the dearer one at the same price, just like that. I am touched.',
      'A birthday card from a shop! With a real stamp! It stands next to the one from my wife.',
      'I got the one out of the window, because you would not let me go home with empty hands.',
    ],
  },
  {
    happened: 'The customer likes how the shop treats people.',
    wants: nothing,
    reply,
    texts: [
      'You pay your packers properly, I read in the paper. That is why I will always look at your place first.',
      'After the flood you came with blankets and did not ask for a name. Our street has not forgotten it.',
      'The children of class three have painted a picture of your shop, with a sun over it. It is in the post to you. That is all we wanted to say.',
      'No plastic bags, mended chairs in the café, and a bicycle for the parcels. You mean it, and one can see it.',
      'Your apprentice is in a wheelchair and runs the whole lighting floor. That is how it should be everywhere.',
    ],
  },
  {
    happened: 'The shop was kind in a hard time.',
    wants: nothing,
    reply,
    texts: [
      'In the worst week of my life your lady on the phone said "take all the time you need". I have thought of it often. I am well again and wanted her to know.',
      'When we lost everything in the fire, you were the only ones who wrote by hand. The bills are long paid. The letter I still have.',
      'You did not have to wait for my payments while I was ill, but you did. The last one went off today, and with it my deep respect.',
    ],
  },
  {
    happened: 'The customer has been with the shop for a long time.',
    wants: nothing,
    reply,
    texts: [
      'Fifty years ago my parents bought their first table from you. Today my granddaughter did her homework at it.',
      'I shall retire on [weekday] and with me my customer number. It has been a pleasure from the first cup to the last.',
      'We are leaving for [country], and you are high on the list of what we shall miss.',
      'Your shop and I have grown old together. One of us has kept well.',
      'Number twenty. I keep count. Twenty orders and not a single grey hair.',
    ],
  },
  {
    happened: 'A firm is happy with the shop.',
    wants: nothing,
    reply: passOn,
    texts: [
      'On behalf of the whole office: the [things] have been admired by every visitor since. A good choice, and good dealing with you.',
      'Our guests in all thirty rooms sleep better, and they write it in the book. You ought to have your share of that.',
      'A supplier who rings before there is a problem, I have not met that in thirty years of buying. My respect.',
      'Kindly convey our appreciation to your team. The fitting-out of the practice was finished on the day and below the estimate.',
    ],
  },
];
