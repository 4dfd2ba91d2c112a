/**
 * Short stories with questions. Each frame: the story, then lines "question / question -> answer". Slots: `[one]` and
 * `[two]` are people (`[he]`, `[his]` of the first, `[she]`, `[her]` of the second), the others are drawn by name.
 */
export const FRAMES: readonly string[] = [
  `[One] lost [his] [thing] [place]. [Two] found it and brought it back. [One] was very [glad].
Who lost the [thing]?/Whose [thing] was it?/Who had lost something? -> [One].|[One]'s.|[One].
Who found the [thing]?/Who brought the [thing] back?/Who helped [one]? -> [Two].
Where was the [thing] lost?/Where did [one] lose [his] [thing]? -> [Place].
What did [one] lose?/What did [two] find?/What did [two] bring back? -> [His] [thing].|The [thing].|The [thing].
How did [one] feel?/How did [one] feel at the end? -> [Glad].`,
  `On [day] [one] went to [goal] with [two]. They went by [vehicle]. [There] they saw [a animal].
Who went with [one]?/With whom did [one] go? -> [Two].
When did they go?/On which day did they go?/What day was it? -> On [day].
Where did they go?/Where did [one] go?/What did they visit? -> To [goal].|To [goal].|[Goal].
How did they travel?/How did they go there?/How did they get there? -> By [vehicle].
What did they see?/Which animal did they see? -> [A animal].`,
  `[One] wanted to buy [food]. The [shopkind] was closed because it was [holiday]. So [he] went home and ate [other].
What did [one] want to buy?/What did [one] want? -> [Food].
Why was the [shopkind] closed?/Why could [one] not buy [food]? -> Because it was [holiday].
What did [one] eat?/What did [one] eat at home? -> [Other].
Where did [one] go then?/Where did [one] go in the end? -> Home.
What was closed?/Which shop was closed? -> The [shopkind].`,
  `[One] has a [colour] [thing]. [Two] has a [shade] [thing]. They keep them [spot].
What colour is the [thing] of [one]?/Which colour is [one]'s [thing]? -> [Colour].
What colour is the [thing] of [two]?/Which colour is [two]'s [thing]? -> [Shade].
Who has the [colour] [thing]?/Whose [thing] is [colour]? -> [One].|[One]'s.
Who has the [shade] [thing]?/Whose [thing] is [shade]? -> [Two].|[Two]'s.
Where do they keep them?/Where do they keep their [things]? -> [Spot].`,
  `It was [weather] on [day]. [One] stayed at home and [act]. [Two] called and asked for [a thing].
What was the weather like?/How was the weather? -> [Weather].
Who stayed at home?/Who was at home? -> [One].
What did [one] do at home?/What did [one] do? -> [He] [act].
Who called?/Who asked for [a thing]? -> [Two].
What did [two] ask for?/What did [two] want? -> [A thing].
Which day was it?/When was this? -> [Day].|On [day].`,
  `[One] is [a job]. [Two] is [a trade]. They live in the same house [area]. On [day] they cook [food] together.
What is the job of [one]?/What does [one] work as?/What is [one]? -> [A job].
What is the job of [two]?/What does [two] work as?/What is [two]? -> [A trade].
Where do they live?/Where is their house? -> [Area].
What do they cook?/What do they cook on [day]? -> [Food].
When do they cook together?/On which day do they cook? -> On [day].`,
  `[One] missed the [transport] because [he] [reason]. [He] came to [goal] [count] minutes late. [Two] had waited [spot].
Why did [one] miss the [transport]?/Why was [one] late?/Why did [one] come late? -> Because [he] [reason].
What did [one] miss? -> The [transport].
How late was [one]?/How many minutes late was [one]?/How late did [one] come? -> [Count] minutes.
Where did [two] wait?/Where had [two] waited? -> [Spot].
Who waited?/Who waited for [one]? -> [Two].
Who was late?/Who came late? -> [One].`,
  `[One] has [a animal] called [pet]. It sleeps [spot]. Every morning [one] gives it [meal].
What is the name of the [animal]?/What is the [animal] called?/How is the [animal] called? -> [Pet].|[Pet].|[Pet].
Where does [pet] sleep?/Where does the [animal] sleep? -> [Spot].
Who has [a animal]?/Who feeds [pet]?/Whose [animal] is [pet]? -> [One].|[One].|[One]'s.
What does [pet] get every morning?/What does [one] give [pet]? -> [Meal].
What is [pet]?/What kind of animal is [pet]? -> [A animal].`,
  `The [device] of [one] was broken. [Two], who is [a job], mended it in [count] days. [One] paid [price] euros.
What was broken?/What did [two] mend? -> The [device].
Who mended the [device]?/Who repaired the [device]? -> [Two].
How long did it take?/How many days did it take? -> [Count] days.
How much did [one] pay?/What did [one] pay?/What did it cost? -> [Price] euros.
What is the job of [two]?/What does [two] work as? -> [A job].`,
  `[One] sent a parcel to [two]. Inside was [a thing]. The parcel came on [day], and [two] wrote a [nice] letter back.
Who sent the parcel?/Who sent something? -> [One].
Who got the parcel?/To whom did [one] send a parcel? -> [Two].|To [two].
What was in the parcel?/What was inside? -> [A thing].
When did the parcel come?/On which day did it come? -> On [day].
What did [two] write?/What did [two] do then? -> A [nice] letter.|[She] wrote a [nice] letter.`,
  `[One] and [two] played [game] [field]. [Two] won. [One] was a little [mood], but then they ate [food].
Who won?/Who was the winner? -> [Two].
Who lost?/Who did not win? -> [One].
What did they play?/Which game did they play? -> [Game].
Where did they play?/Where did [one] and [two] play? -> [Field].
What did they eat?/What did they eat then? -> [Food].
How did [one] feel first?/How was [one] at first? -> A little [mood].`,
  `There are [count] [things] and [number] [stuff] [spot]. They belong to [one]. [Two] may take one of the [things].
How many [things] are there? -> [Count].
How many [stuff] are there? -> [Number].
Where are the [things]?/Where are the [stuff]?/Where are they? -> [Spot].
Whose [things] are they?/To whom do they belong? -> They belong to [one].|To [one].
What may [two] take? -> One of the [things].`,
  `[One] could not sleep because [noise]. [He] got up at [hour] and drank [drink]. In the morning [he] was very tired.
Why could [one] not sleep?/What was the reason that [one] was awake? -> Because [noise].
When did [one] get up?/At what time did [one] get up? -> At [hour].
What did [one] drink? -> [Drink].
How was [one] in the morning?/How did [one] feel in the morning? -> Very tired.
Who could not sleep?/Who got up at [hour]? -> [One].`,
  `[One] planted [plant] [plot]. Every [day] [he] watered them. When they were big, [he] gave some to [two].
What did [one] plant? -> [Plant].
Where did [one] plant them?/Where did they grow? -> [Plot].
When did [one] water them?/On which day did [one] water them? -> Every [day].
Who got some?/To whom did [one] give some? -> [Two].|To [two].
Who planted [plant]?/Who watered them? -> [One].`,
  `At school [one] likes [subject] best. [Two] likes [lesson] more. Their teacher is called [teacher]. The first lesson begins at [hour].
Which lesson does [one] like best?/What does [one] like best? -> [Subject].
What does [two] like?/What does [two] like more? -> [Lesson].
What is the name of the teacher?/How is the teacher called?/Who is their teacher? -> [Teacher].
When does the first lesson begin?/When does school begin? -> At [hour].
Who likes [subject] best? -> [One].
Who likes [lesson] more? -> [Two].`,
  `[One] borrowed [a thing] from [two]. [He] wanted to [task]. The next day [he] gave it back and said thank you.
What did [one] borrow? -> [A thing].
From whom did [one] borrow it?/Who lent [one] the [thing]?/Whose [thing] was it? -> From [two].|[Two].|[Two]'s.
Why did [one] borrow it?/What did [one] want to do?/What did [one] need it for? -> To [task].
When did [one] give it back? -> The next day.
What did [one] say? -> Thank you.
Who borrowed the [thing]? -> [One].`,
  `The [shopkind] opens at [hour] and closes at [late]. [One] works there on [day]. [He] sells [food].
When does the [shopkind] open?/At what time does it open? -> At [hour].
When does the [shopkind] close?/At what time does it close? -> At [late].
Who works there?/Who sells [food]? -> [One].
When does [one] work there?/On which day does [one] work? -> On [day].
What does [one] sell?/What can people buy from [one]? -> [Food].`,
  `[One] moved from [city] to [town]. [His] new flat is [small]. [He] likes the [feature], but [he] misses [his] friend [two].
Where did [one] live before?/From where did [one] move? -> In [city].|From [city].
Where does [one] live now?/To which city did [one] move? -> In [town].|To [town].
How is the flat?/How is the new flat? -> [Small].
What does [one] like?/What does [one] like about the flat? -> The [feature].
Whom does [one] miss?/Who is the friend of [one]? -> [Two].`,
];
