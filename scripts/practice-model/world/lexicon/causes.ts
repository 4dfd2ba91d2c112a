/** Why things are so, what happens when, and what one does about it. */
import { table } from '../text.ts';

/** "Why do people …" facts: the effect as "do people wear coats" (question) and the cause. */
export const WHY = table(`
ask|state|because
do people wear coats in winter|People wear coats in winter|it is cold
do people open an umbrella|People open an umbrella|it is raining
do people eat|People eat|they are hungry
do people drink water|People drink water|they are thirsty
do people sleep|People sleep|they are tired
do people go to the doctor|People go to the doctor|they are ill
do people go to work|People go to work|they need money
do children go to school|Children go to school|they want to learn
do people brush their teeth|People brush their teeth|they want healthy teeth
do people wash their hands|People wash their hands|their hands are dirty
do people turn on a lamp|People turn on a lamp|it is dark
do people wear sunglasses|People wear sunglasses|the sun is bright
do people wear a helmet|People wear a helmet|it protects the head
do people lock the door|People lock the door|they want to be safe
do people put milk in the fridge|People put milk in the fridge|milk must stay cold
do people use a map|People use a map|they want to find the way
do people say sorry|People say sorry|they made a mistake
do people say thank you|People say thank you|somebody was kind to them
do people water plants|People water plants|plants need water
do people set an alarm clock|People set an alarm clock|they must get up early
do people buy presents|People buy presents|they want to make others happy
do people wear boots in the rain|People wear boots in the rain|the ground is wet
do people whisper in a library|People whisper in a library|others want to read
do people stop at a red light|People stop at a red light|red means stop
do people wear gloves in winter|People wear gloves in winter|their hands are cold
do people put stamps on letters|People put stamps on letters|the post costs money
do people write a shopping list|People write a shopping list|they do not want to forget anything
do people mend things|People mend things|the things are broken
do people call the fire station|People call the fire station|there is a fire
do people wear glasses|People wear glasses|they cannot see well
do people take a bus|People take a bus|the way is too long to walk
do people cry|People cry|they are sad
do people laugh|People laugh|something is funny
do people shiver|People shiver|they are cold
do people sweat|People sweat|they are hot
do people save money|People save money|they want to buy something later
do people use soap|People use soap|soap takes away dirt
do people close the window in winter|People close the window in winter|cold air comes in
do people keep a dog|People keep a dog|a dog is a good friend
do people go on holiday|People go on holiday|they need a rest
do people read the news|People read the news|they want to know what happened
do birds build nests|Birds build nests|they need a place for their eggs
do birds fly south in autumn|Birds fly south in autumn|winter is too cold for them
do bees visit flowers|Bees visit flowers|they want nectar
do squirrels hide nuts|Squirrels hide nuts|they need food in winter
do cats hunt mice|Cats hunt mice|cats eat mice
do fish have fins|Fish have fins|fins help them swim
do polar bears have thick fur|Polar bears have thick fur|they live in the cold
do dogs bark|Dogs bark|they want to warn us
do hens sit on eggs|Hens sit on eggs|the eggs must stay warm
does ice melt in the sun|Ice melts in the sun|the sun is warm
does a boat float|A boat floats|it is lighter than the water under it
does the grass grow fast in spring|The grass grows fast in spring|it gets sun and rain
does bread go hard|Bread goes hard|it dries out
does a car need petrol|A car needs petrol|the engine burns petrol
does a plant die in a dark cellar|A plant dies in a dark cellar|plants need light
does a torch stop working|A torch stops working|the battery is empty
does a snowman melt in spring|A snowman melts in spring|the air gets warm
does a baby cry|A baby cries|it needs something
does a phone ring|A phone rings|somebody is calling
does a stone sink|A stone sinks|it is heavier than water
does a bicycle have brakes|A bicycle has brakes|it must be able to stop
does a house have a roof|A house has a roof|the roof keeps out the rain
does a bus have many seats|A bus has many seats|it carries many people
does a room have windows|A room has windows|windows let in light
does a knife cut|A knife cuts|its edge is sharp
`);

export const WHEN = table(`
when|then
ice gets warm|it melts
water gets very cold|it turns to ice
water boils|it turns to steam
you drop a glass|it breaks
you put a stone in water|it sinks
you put wood in water|it floats
you forget to water a plant|it dries out
you do not sleep|you get tired
you do not eat|you get hungry
you stand in the rain|you get wet
you touch a hot stove|you burn your hand
you eat too many sweets|your stomach hurts
you cut your finger|it bleeds
you run very fast|you get out of breath
you leave milk in the sun|it goes bad
you leave the fridge open|the food gets warm
you lose your key|you cannot open the door
you miss the bus|you come late
you kick a ball|it rolls away
you let go of a balloon|it flies away
you plant a seed|a plant grows
you press the light switch|the light goes on
you blow out a candle|it gets dark
you heat butter|it melts
you bake dough|it becomes bread
you heat bread|it becomes toast
you throw a ball up|it comes down
you mix salt into water|the water tastes salty
you tell a funny joke|people laugh
you are kind to others|they like you
you practise every day|you get better
you learn nothing|you do not pass the test
you push a swing|it moves
you pull the plug in the bath|the water runs out
a battery is empty|the torch goes out
a tyre has a hole|the air comes out
the sun goes down|it gets dark
the sun comes up|it gets light
it snows all night|everything is white
it rains all week|the river gets high
the wind blows hard|the leaves fly
the alarm clock rings|people wake up
the traffic light turns green|the cars go
the traffic light turns red|the cars stop
the school bell rings|the lesson begins
a cat sees a mouse|the cat runs after it
two cars crash|they are damaged
you put sugar in tea|the tea tastes sweet
you leave bread in the oven too long|it burns
you wear thin clothes in winter|you get cold
`);

export const DO_WHEN = table(`
when|then
you are hungry|eat something
you are thirsty|drink some water
you are tired|go to bed
you are cold|put on a warm coat
you are ill|see a doctor
you are hot|take off your coat
you are bored|read a book
you are lost|ask for the way
you are late|call and say so
your hands are dirty|wash your hands
your shoes are dirty|clean your shoes
your tooth hurts|see a dentist
your dog is ill|take it to the vet
your bicycle is broken|have it mended
your hair is too long|have it cut
your room is untidy|tidy it up
your phone is empty|charge it
your glass is empty|fill it again
it is dark|turn on the light
it rains|open an umbrella
the bin is full|empty it
the phone rings|answer it
the soup is too hot|wait a little
the window is dirty|clean the window
the light is red|stop and wait
the plant is dry|give it water
the door is locked|use a key
the floor is dusty|sweep the floor
there is a fire|call the fire station
you made a mistake|say sorry
you get a present|say thank you
you meet a friend|say hello
you leave a party|say goodbye
you find a lost purse|take it to the police
you do not understand something|ask a question
you want to send a letter|put a stamp on it
a button is missing|sew on a new one
there is no milk|buy some milk
a friend is sad|comfort your friend
`);
