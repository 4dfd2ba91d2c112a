/** What happens to people and how they feel about it. `[his]` and `[he]` are of the person. */
export const SITUATIONS: Record<string, readonly string[]> = {
  sad: [
    '[name] lost [his] {dog|cat|rabbit}.',
    "[name]'s {cat|dog|hamster|bird} died.",
    "[name]'s best friend {moved away|moved to another town|went away}.",
    'The {holiday|summer|party} is over and [name] has to go home.',
    '[name] broke [his] favourite {cup|toy|vase}.',
    'Nobody came to the party of [name].',
    '[name] has to say goodbye to [his] {grandmother|aunt|friend}.',
    'It rains and [name] cannot go to the {zoo|beach|fair}.',
  ],
  happy: [
    '[name] got a {new bicycle|puppy|big present|kitten}.',
    '[name] has [his] birthday today.',
    '[name] won {the race|a prize|the game}.',
    'The sun shines and [name] is on holiday.',
    'A good friend visits [name].',
    '[name] found [his] lost {dog|ring|purse|cat}.',
    'The {sister|brother|friend} of [name] is well again.',
    '[name] got a {kind letter|nice card} from a friend.',
  ],
  angry: [
    'Somebody stole the {bicycle|bag|phone} of [name].',
    '[name] waited two hours and nobody came.',
    'A boy broke the {toy|window|kite} of [name] and laughed.',
    'The neighbours of [name] make noise every night.',
    'Somebody told a lie about [name].',
    'Somebody pushed in front of [name] in the queue.',
  ],
  scared: [
    '[name] hears a strange noise in the dark.',
    'A big dog runs after [name].',
    '[name] sees a snake {in the grass|under the bed|on the path}.',
    '[name] is alone in a dark {forest|house|cellar}.',
    'There is {loud thunder|a big storm} and [name] hides under the bed.',
    '[name] had a bad dream about a monster.',
  ],
  tired: [
    '[name] {worked|walked|danced} all day.',
    '[name] did not sleep last night.',
    '[name] ran ten kilometres.',
    'It is midnight and [name] is still awake.',
    '[name] carried heavy boxes all {day|morning|afternoon}.',
    '[name] got up at four in the morning.',
  ],
  hungry: [
    '[name] did not eat {all day|since yesterday|anything today}.',
    '[name] had no breakfast and no lunch.',
    'The stomach of [name] is empty.',
    '[name] smells fresh bread and has eaten nothing yet.',
  ],
  thirsty: [
    '[name] drank nothing all day.',
    '[name] ran in the hot sun and has no water.',
    'The bottle of [name] is empty and it is very hot.',
    '[name] ate a lot of salty {nuts|chips} and wants water.',
  ],
  proud: [
    '[name] built a {chair|boat|table} without any help.',
    '[name] got the best mark in the class.',
    '[name] can swim now and shows it to everybody.',
    '[name] baked a perfect cake all alone.',
    '[name] learned to ride a bicycle today.',
  ],
  lonely: [
    '[name] has nobody to talk to.',
    '[name] is new in town and has no friends yet.',
    '[name] sits alone every {day|evening} and nobody calls.',
    'All the friends of [name] are away.',
  ],
  bored: [
    '[name] has nothing to do.',
    'The film is very long and [name] looks at the clock.',
    '[name] waits and waits and has no book to read.',
    'It is a rainy Sunday and [name] has no idea what to play.',
  ],
  nervous: [
    '[name] has a big {test|exam} tomorrow.',
    '[name] must {sing|speak|dance} in front of many people soon.',
    '[name] goes to a new school tomorrow.',
    '[name] waits for the dentist.',
  ],
  thankful: [
    'A stranger helped [name] to mend [his] car.',
    'A neighbour brought soup when [name] was ill.',
    'Somebody gave the lost purse back to [name].',
    'A friend lent [name] money when [he] had none.',
  ],
  surprised: [
    '[name] opened the door and all [his] friends were there.',
    '[name] found a frog in [his] shoe.',
    '[name] got a letter from somebody [he] had not seen for years.',
    'There was snow in May and [name] could not believe it.',
  ],
  sorry: [
    '[name] forgot the birthday of [his] best friend.',
    '[name] broke a window by accident.',
    '[name] said something unkind to [his] sister.',
    '[name] came late and everybody had to wait.',
  ],
};

/** What people who feel so often do, and what makes it better. */
export const FEELING_ACTS: Record<string, readonly [string, string]> = {
  sad: ['cries', 'a hug'],
  happy: ['smiles', 'a friend to share it with'],
  angry: ['shouts', 'a little time to calm down'],
  scared: ['wants to hide', 'a friend who stays near'],
  tired: ['yawns', 'a good sleep'],
  hungry: ['looks for food', 'a good meal'],
  thirsty: ['looks for water', 'a glass of water'],
  lonely: ['wants company', 'a visit from a friend'],
  bored: ['looks at the clock', 'a good game'],
  nervous: ['cannot sit still', 'a calm word'],
  proud: ['tells everybody', 'some praise'],
  thankful: ['says thank you', 'a chance to help back'],
  sorry: ['says sorry', 'a kind answer'],
};

export const SAY = `
somebody gives you a present|thank you
somebody helps you|thank you
you step on somebody's foot|sorry
you come too late|sorry
you break a cup|sorry
you leave in the evening|good night
you meet somebody in the morning|good morning
you meet a friend|hello
you leave a friend|goodbye
a friend has a birthday|happy birthday
somebody sneezes|bless you
you want something|please
a friend wins a prize|well done
a friend has a test|good luck
you start a meal together|enjoy your meal
a friend is ill|get well soon
a guest comes in|welcome
a friend goes on a journey|have a good trip
somebody says thank you|you are welcome`;
