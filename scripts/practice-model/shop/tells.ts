/**
 * Scraps that tell on their own what a letter is about, as somebody at the desk would jot them down: two to six words for
 * each of the eight meanings, so that the model learns to weigh single words and not whole sentences.
 */

const list = (text: string): string[] =>
  text
    .split('\n')
    .flatMap((line) => line.split(';'))
    .map((one) => one.trim())
    .filter(Boolean);

/** Scraps by the `choice` of the meaning. */
export const TELLS: Readonly<Record<string, readonly string[]>> = {
  'something broken': list(`
    cracked; {cracked|split} {down the middle|at the back|on arrival}; arrived {broken|smashed|in pieces}; in shards; screen went black; will not switch on; stopped working;
    does not charge; battery dead after {a day|[weeks] weeks}; motor burnt out; makes a grinding noise; lid does not close; leaks at the {bottom|seal|joint}; drips; water under it;
    zip broke; seam came apart; sole coming off; handle snapped; handle came off; wheel fell off; hinge torn out; screw missing its thread; {scratch|dent|stain} from the start; chipped;
    faulty; defective; {defect|fault} after [weeks] weeks; does not heat; overheats; sparks; smells of burning; smoke coming out; gave me a shock; melted plug; cable frayed;
    error code {E4|F2|7}; display dead; flickers; no sound; loose contact; button stuck; jammed; rusted; rust spots; warped; bent; torn; ripped; a hole in it; frayed; faded after one wash; shrunk;
    colour ran; paint peeling; veneer lifting; wobbles; collapsed; gave way; leg broke; slats cracked; glass shattered; mirror cracked; mouldy; rotten; past its date; spoiled; melted chocolate;
    plant dead; pages missing; record skips; wants a {repair|replacement}; repair did not help; same fault again; under guarantee; {warranty|guarantee} claim; technician needed; spare part for the broken one;
    second one that fails; came apart; fell apart; poor quality, broke at once; exploded; burst; blew the fuse; trips the fuse; cuts out; drops the connection; will not start; does not turn; blunt from new;
    not watertight; lets in rain; goes flat; loses air; puncture; snapped; splintered; cut my finger on it; hurt by it; {fitters|driver} scratched the floor; bulb blown; printer jams; unusable; malfunction; damaged goods;
    packaging {crushed|torn} and contents broken; broke {on the first day|while I used it}; half of it smashed; needs mending; repair shop; collapsed under me; the lock is stuck; thermostat failed`),
  'a delivery': list(`
    where is my parcel; has not come; not arrived; still waiting; no parcel yet; tracking {stuck|shows nothing|has not moved}; tracking number; out for delivery; courier; the van never came; driver did not ring;
    left with a neighbour; left in the rain; thrown over the fence; wrong address; new address for the parcel; redirect it; deliver to my office; change the delivery day; another {day|time} for the delivery;
    what day does it come; when does it arrive; how long does shipping take; delivery time; delivery slot; express; next day; overdue; [days] days late; late again; lost in the post; lost in transit; stuck in customs;
    at the depot; in [town] since [weekday]; returned to sender; parcel locker; pickup point; collect it in the shop; post office; signed for by a stranger; says delivered, nothing here; stolen from the doorstep;
    empty box; item missing; one of [few] missing; not in the box; incomplete; short delivery; half of the order came; second parcel missing; screws not in the carton; wrong item; wrong {size|colour} sent;
    got a [other] instead; not what I ordered; somebody else's order; mix-up in the warehouse; swapped; sent the wrong model; do you ship to [country]; shipping abroad; postage to [country]; cost of shipping;
    free delivery; carried upstairs; to the door only; dispatch date; has it been shipped; when do you send it; not dispatched; back order date; arrival; ETA; van; lorry; pallet; freight; consignment; shipment;
    proof of delivery; delivery note; missed delivery card; nobody was at home; will be away that day; hold it at the depot; leave it behind the shed; ring at number [days]; doorbell broken, please call;
    sent twice; got it double; parcel for a neighbour; not yet received; awaiting goods; did it leave your warehouse; needed for the [event], not here; still in transit; wandering parcel; missing from the package`),
  'money back for something sent back': list(`
    does not fit; too {big|small|tight|long|wide|heavy}; do not like it; not what I imagined; changed my mind, it is here already; want to return it; send it back; return label; returns form; return address; prepaid label;
    refund; full refund; refund not received; still no refund; money back; when do I get my money; returned [weeks] weeks ago; return accepted, no money; sent back in [month]; unused; unopened; never worn; tags still on;
    original packaging; within fourteen days; 30 days; right of withdrawal; withdraw from the purchase; exchange for a larger one; swap for [color]; other size please; the colour does not suit; clashes with the sofa;
    unwanted present; got two of them; have one already; no longer need it, unopened; bought the wrong model; wrong size chosen; fits no window of mine; collect the return; pick up what I do not want; driver did not fetch the return;
    who pays the return; postage for the return; return without the {box|receipt}; bring it back to a branch; hand it in at the shop; credit note for returned goods; voucher instead of money; want cash, not a voucher; store credit;
    deposit back; refund too low; kept [fee] of my refund; restocking fee; return refused; past the limit; return lost in the post; refund to another card; partial refund; disappointed, back it goes; not my taste; regret buying it;
    took it home, no good for us; trial over, back please; money-back promise; satisfied or refunded; surplus, sealed; too many tiles left; give it back; take it back please; not keeping it; returning two of three; reimburse; repay;
    found it cheaper, returning mine; my wife hates it; shoes pinch; scratchy; itches; smells odd, back please; fabric too thin; does not match; looks cheap; not as in the picture; RMA number; return number`),
  'a login or personal details': list(`
    password; forgot my password; new password; reset link; reset link expired; cannot log in; cannot sign in; login fails; locked out; account locked; account blocked; too many attempts; user name; PIN; code by text message; code never comes;
    verification code; two-factor; authenticator; security question; signed out all the time; app logs me off; fingerprint login; new phone, no code; new email address; change my email; change my phone number; change my name; married name;
    wrong birthday in my profile; profile; my details; personal data; delete my account; close my account; delete my data; what do you store about me; privacy; data protection; GDPR; cookies; who can see my wish list; public review with my name;
    newsletter; unsubscribe; too many mails; stop the texts; mailing list; notifications; no more calls; sign up; register; email already in use; registration fails; create an account; business account; guest checkout; two accounts, merge;
    share the account; add a user; remove a user; family profile; child's profile; customer number; order history gone; wish list gone; saved addresses; language setting; dark mode; settings; move to [town], change my address in the profile; moved house, new address on file;
    hacked; account hacked; stranger in my account; somebody changed my password; login from abroad; unknown device; phishing mail, typed my password; gave away the code; suspicious login; ex still logs in; my data leaked; see the orders of a stranger;
    title is wrong, I am Mrs; name misspelled in your files; username taken; session expired; captcha; face recognition; log out of an old tablet; access for a colleague; account of my late mother; verify my identity; confirm my email; profile picture`),
  'a payment or a bill': list(`
    charged twice; double charge; debited twice; wrong amount; wrong total; overcharged; paid too much; billed for [count], got one; invoice; copy of the invoice; no invoice; bill; receipt; receipt for taxes; VAT; VAT number; tax; purchase order number;
    unknown charge; what is this charge; fee of [fee]; service charge; late fee; reminder; reminder for a paid bill; dunning letter; debt collector; already paid; has my payment arrived; bank transfer; IBAN; direct debit; standing order; instalments;
    pay in parts; pay later; pay by invoice; PayPal; cash on delivery; cheque; [card]; card declined; payment refused; payment does not go through; checkout fails at payment; new bank account; price; what does it cost; how much is it; too dear;
    price on the page differs; price at the till; discount; discount not taken off; student discount; [percent] off; sale price; price went up; price match; cheaper since yesterday, difference; promo code; code [code]; code not valid; voucher code; coupon;
    coupon expired; gift card; gift card balance; gift card empty; points; bonus points; loyalty points; membership fee; monthly fee too high; still charged after the end; charged for a trial; subscription dearer; quote; offer in writing; bulk price; trade price;
    statement; credit card statement; booked on [weekday]; money taken; took [amount]; held on my card; pre-authorisation; when do you charge; exchange rate; customs charge; shipping charged though free; deposit on the bill; wrong name on the invoice; company address on the bill;
    fraud on my card; stolen card used; somebody pays with my card; false bill; overdrawn; rent bounced; accounts department; cost centre; payment terms; balance due; overdue notice; billing cycle; yearly or monthly; free shipping limit; pay with two cards; tip; final sum`),
  'a question about a thing': list(`
    what size is it; how {wide|high|deep|long|heavy}; measurements; dimensions; weight; which size for a child of four; runs small?; what is it made of; real wood?; real leather?; material; cotton or wool; is it vegan; contains nuts?; ingredients; gluten free?;
    allergy; washable?; can it be washed; dishwasher safe?; iron it?; how to clean it; how to care for it; how does it work; how do I set the clock; how to switch on the timer; manual; instructions; meaning of the red light; which batteries; what bulb; which filter;
    compatible with; does it fit my; works with; which plug; volts; watts; how loud; how much power; how long does a charge last; waterproof?; for outdoors?; in winter?; heatproof?; oven safe?; safe for babies?; from what age; age limit; max load; how much does it hold; how many litres;
    in stock?; back in stock when; sold out; do you sell; do you have; other colours?; also in [colour]?; left-handed; spare parts available?; refills; extra shelf to buy; difference between; which is better; recommend; advice; gift idea; guarantee how long; warranty period; tested?;
    certificate; made where; fair trade; organic; how to put it together; assembly; do I need a drill; which screws; step six of the manual; to be screwed to the wall?; comes assembled?; foldable?; removable cover?; stackable?; non-slip?; scratch-proof?; fade in the sun?; shade of blue;
    exact colour; is the picture true; pattern; thread count; firmness; thickness; pile height; for small hands?; for beginners?; suitable for; can I use it for; can I mix it; poisonous?; swallowed, what is in it; sell it in the shop too?; on display?; opening hours of the showroom;
    what is included; comes with a cable?; lid included?; does the course include; what is in the box each month; new model when; engraved?; custom made?; sample of the fabric; shelf life; keep in the fridge?; how long does it keep; caffeine; plant in sun or shade; hardy?; pet safe?`),
  'ending an order': list(`
    cancel; cancel my order; cancel order [order]; please stop the order; do not send it; do not ship; not sent yet, cancel; changed my mind before it ships; ordered by mistake; ordered twice, cancel one; clicked by accident; too late to cancel?; cancel button grey;
    call it off; call off the fitter; cancel the appointment; cannot come on [weekday]; cannot keep the appointment; take us off the list; cancel the course; cancel the reservation; cancel the booking; cancel the visit; no longer need the plumber; works again, cancel the repair;
    cancel the subscription; end my subscription; end the [box]; stop the [box]; no more boxes; pause the box; skip a month; do not renew; renewal; notice; notice period; terminate; termination of contract; give notice; leave the club; quit the membership; end of the membership;
    end the trial; do not turn the trial into a plan; withdraw my order; annul; scrap the order; drop item two; take the lamp out of the order; without the second one; found it cheaper, cancel; takes too long, cancel; will not wait till [month]; cannot afford it now;
    wedding is off; party called off, no chairs needed; project stopped; lost my job, please stop it; died, please end the magazine; moving abroad, end it; pre-order no longer wanted; off the waiting list; remove the warranty plan; cancel insurance; end the maintenance contract;
    confirm the cancellation; was it cancelled?; cancellation fee; undo the order; stop it before it is {cut|printed|made|packed}; keep the lorry back; not needed any more, not sent yet; decided against it, not shipped; call back the order; retract; get out of the plan; end of contract; stop the deliveries of the box;
    downgrade to free; streaming plan, end it; gym plan, quit; hire no longer needed; give up our table; give up my place; cannot attend, cancel; son ordered it, undo; hold it, do not pack; revoke; void the purchase order; ended on [month], please; last box in [month]`),
  'a thank-you': list(`
    thank you; thanks a lot; many thanks; thank you so much; love it; we love it; lovely; perfect; wonderful; brilliant; fantastic; superb; excellent; great service; great shop; best shop; five stars; ten out of ten; well done; bravo; keep it up; top quality; very pleased; so happy; delighted;
    happy customer; made my day; what a joy; a treat; beautiful; gorgeous; better than expected; exceeded my hopes; as described, perfect; fast and friendly; came early, lovely; so quick; beautifully wrapped; nice card in the box; sweet note; kind driver; friendly driver; patient lady on the phone;
    [staff] was great; praise for [staff]; compliments to the team; please thank the driver; give her a raise; helped me so much; solved in minutes; sorted out quickly, thanks; replaced at once, thanks; refund came fast, thank you; no complaints; nothing to complain about; all went well; all fine;
    just wanted to say thanks; only thanks; no reply needed; needs no answer; recommend you to everybody; told all my friends; will buy again; coming back; customer for life; loyal for [count] years; never disappointed; still going strong; still like new; works a treat; works perfectly; fits perfectly; sleeps like a baby now;
    my mother cried with joy; kids are thrilled; the cat loves it; everyone admired it; many compliments; smells divine; tastes heavenly; best coffee ever; warm and cosy; soft as a cloud; sturdy; solid; worth every penny; bargain; great value; honest people; so human; thoughtful; heart-warming; grateful; appreciate it; impressed; hats off;
    a pleasure; lovely evening, great course; thanks for your patience; thanks for the chocolate; you are stars; angels; legends; you saved the party; rescued our [event]; cheers; hugs; bless you; merry Christmas to the team; proud of it; looks stunning; dream come true; glad I bought it; cannot fault it; pleasant surprise`),
};

/** Scraps that tell that it cannot wait, and why. */
export const PRESSING: readonly (readonly [scrap: string, why: string])[] = [
  ['needed tomorrow', 'it is needed very soon'],
  ['the [event] is tonight', 'it is needed very soon'],
  ['must be here today', 'it is needed very soon'],
  ['child in danger', 'somebody could be hurt'],
  ['somebody could be hurt', 'somebody could be hurt'],
  ['baby in the room', 'somebody could be hurt'],
  ['ends at midnight', 'the time ends today'],
  ['last day today', 'the time ends today'],
  ['account empty, rent due tomorrow', 'the money is running out'],
];
