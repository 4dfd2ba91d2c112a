/** Broken things that cannot wait: fire, gas, water, falls, failed locks and brakes, thawing food, and days that will not move. */
import type { Situation } from '../../types.ts';

const HURT = 'somebody could be hurt';
const STOP_USING = 'Please do not use it any more. We will call you at once.';

export const dangerDamage: readonly Situation[] = [
  {
    happened: 'Somebody was hurt by a faulty thing.',
    urgent: HURT,
    reply: STOP_USING,
    texts: [
      'The lid of the pressure cooker left like a rocket. My wife has just been taken away in an ambulance.',
      'There was glass in your jam. My son bit on it and his mouth is full of blood.',
      'Two stitches so far: the blade flew out of its handle while I was cutting bread.',
      'After one night under the heated blanket I have a row of blisters down my back.',
      'The bath seat let go of the tub and our baby went under. She is breathing. Nobody else must sit in one of these.',
      'He was on the top step when the ladder folded like a newspaper. We are still in the waiting room.',
      'The jar of cream came with its seal broken, and an hour after I put some on, my eyes have swollen shut.',
    ],
  },
  {
    happened: 'The [noun] [is] dangerous.',
    pool: 'plug',
    urgent: HURT,
    reply: 'Please unplug the [noun] now and do not use it. We will call you at once.',
    texts: [
      'An odd thing: whenever the [thing] is running, the water tap tickles.',
      'Black rings round the holes of the socket and a smell of old fish. That is your [thing], in the room where my mother sleeps.',
      'I have turned off the mains and we sit in the dark, for the [thing] went "zzzz" and began to glow from behind.',
      'It is probably nothing. The cable of the [thing] is just soft and warm like chewing gum.',
      'Overnight the wallpaper behind the [thing] has gone brown.',
    ],
  },
  {
    happened: 'The [noun] [is] dangerous.',
    pool: 'battery',
    urgent: HURT,
    reply: 'Please take the [noun] outside and do not touch it. We will call you at once.',
    texts: [
      'The back of the [thing] has grown a belly, the case is bursting open and something in there ticks.',
      'Brown juice runs out of the [thing]. It has eaten a hole in the cloth and my fingers sting.',
      'I threw the [thing] into the pond because it hissed at me. The water is steaming.',
    ],
  },
  {
    happened: 'There is gas or fire because of a faulty thing.',
    urgent: HURT,
    reply: 'Please go outside and call the fire brigade. We will call you at once.',
    texts: [
      'We both woke with a splitting head and the cat cannot stand up. The stove you sold us burned all night.',
      'It whistles where the hose meets the gas bottle, the rubber is split, and I cannot get the valve shut.',
      'The glass of the wood burner has just gone. Embers on the carpet, my husband is stamping about in his boots.',
      'One of your scented candles shot up as high as my face, and then its jar flew apart. I have thirty of them on the tables of my restaurant.',
    ],
  },
  {
    happened: 'Something that should keep people safe has failed.',
    urgent: HURT,
    reply: 'Please do not rely on it any more. We will call you at once.',
    texts: [
      'I squeezed and there was nothing there. That was the front brake, downhill, with my boy in the seat behind me, on a bike I fetched from you yesterday.',
      'It clicks shut and lets go again. We are meant to hang over a river in this harness tomorrow.',
      'She can open the buckle of the car seat by leaning forward, and we must drive her to hospital tonight.',
      'The gate at the top of the stairs no longer catches. Fourteen steps, and he has just learned to crawl.',
      "Father's red help button calls nobody, we tried it. He lives alone and has a weak heart.",
      'One chirp and then dead, all five smoke alarms, and four of us sleep under a thatched roof.',
      'The picture on the baby monitor was an hour old. I only noticed because I went in and she had the blanket over her face.',
      'We were halfway across a busy road when the front wheel of the pushchair rolled off by itself. I lifted her out, a cyclist brought the rest, and now I stand at the tram stop and dare not put her back in.',
    ],
  },
  {
    happened: 'The [noun] [is] dangerous.',
    pool: 'furniture',
    urgent: HURT,
    reply: 'Please keep away from the [noun]. We will call you at once.',
    texts: [
      'The [thing] leans towards the cot. I am propping it up with my shoulder as I type.',
      'A bang in the night: one bracket of the [thing] has let go, and the other is bending as we watch.',
      'Splinters like needles stand up from the [thing], just where small hands reach, and the nursery opens in an hour.',
    ],
  },
  {
    happened: 'The [noun] [is] dangerous.',
    pool: 'child',
    urgent: HURT,
    reply: 'Please take it away from the child. We will call you at once.',
    texts: [
      'Tiny magnets are coming out of the [thing]. There should be four, I find three, and [kid] will not open the mouth.',
      'The colour of the [thing] comes off like chalk. It is all round her lips and she has been sick twice.',
      'One tug and the eye of the bear was off. It is just as wide as a small throat, as we found out a minute ago.',
    ],
  },
  {
    happened: 'Water is running into the home.',
    pool: 'wet',
    urgent: 'the home could be harmed',
    reply: 'Please turn the water off now. We will call you at once.',
    texts: [
      'Ankle deep! The hose has come off behind the [thing] and the stopcock will not budge.',
      'The family below has just rung. Their lamp drips, and right above it stands our [thing].',
      'Waterbed, third floor, a slit as long as my hand.',
      'The seam of the fish tank is opening. I bail with a saucepan, the fish are in the bath, and the parquet is swimming.',
      'Your boiler went in on [weekday] and now sprays from a joint onto the fuse box.',
    ],
  },
  {
    happened: 'A fridge or a freezer has failed.',
    urgent: 'what is in it will spoil',
    reply: 'We will call you at once and send somebody today.',
    texts: [
      'Plus fourteen and rising, with a whole deer in it. The freezer is from you.',
      'My insulin lives in that fridge, and that fridge has been as warm as a cupboard since noon.',
      'We make ice cream. Your cabinet stopped an hour ago, outside it is thirty degrees. Need I say more?',
      'A month of milk for my tiny baby is thawing as I write, because the freezer has gone quiet.',
    ],
  },
  {
    happened: 'Something that a person or an animal depends on has failed.',
    urgent: 'somebody depends on it',
    reply: 'We will call you at once and send help.',
    texts: [
      'The stair lift has stopped halfway, with my mother on it.',
      'My wheelchair will go no further. I am in it, in the middle of a car park, and it is getting dark.',
      'Minus twelve, and your heater blows cold. Our daughter is three weeks old.',
      'The handle turned round and round and came off. Grandma is on the other side of that bathroom door.',
      'Without my breathing mask I do not get through a night, and it tore this evening.',
      'Pump dead since dawn, pond like soup, and the fish are gasping at the top.',
      'The garage door has jammed with our only car behind it, and the baby has decided to come.',
    ],
  },
  {
    happened: 'Something is broken and it is needed very soon.',
    pool: 'plug',
    urgent: 'it is needed very soon',
    wants: 'They want a new one in time.',
    reply: 'I am sorry. We will do all we can to help you in time.',
    texts: [
      'Forty guests at seven, and the [thing] has picked this very morning to die.',
      'In three hours I go on stage with a microphone that crackles like bacon.',
      'The zip burst at the last fitting. It is a wedding dress, and the wedding is tomorrow at ten.',
      'They want to see me on video tomorrow at nine, and the screen of my new laptop is one big cobweb.',
      'The urn for my father has a crack in it. We bury him this afternoon.',
      'We live off that coffee machine. The market opens at six tomorrow and it pours cold water.',
      'Our flight goes tonight. The suitcase has shed a wheel and does not lock, so a refund next week is no help to me.',
    ],
  },
  {
    happened: 'The customer warns of a dangerous thing that is still sold.',
    urgent: 'somebody could be hurt',
    wants: 'They want others to be warned.',
    reply: 'Thank you. We will stop selling it at once and warn the others.',
    texts: [
      'I do not want my money. I want you to ring all who bought this high chair: the tray springs off and they go out head first.',
      'Yes, the refund for the toaster that burned has come, thank you. And today I see the same one on your front page.',
      'Take that lamp out of the window before anybody buys it. Mine knocked the cleaning lady off her stool.',
      'Our nursery has twelve of your cots. The floor dropped out of one today, and eleven children are asleep in the others right now.',
    ],
  },
];
