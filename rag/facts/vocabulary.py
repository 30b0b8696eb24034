"""English words that newspapers capitalise without naming anybody, sorted by why they do. All in small letters."""

from __future__ import annotations

# words that open a sentence, or that titles and headings set in capitals, without naming anybody
FUNCTION_WORDS = frozenset(
    """
    a an the this that these those there here it its he she they them his her their we our us i you your who whom
    whose which what when where why how and or but nor so yet if then than as at by for from in into of off on onto
    out over to toward towards under until up upon with within without about above across after against along amid
    among around before behind below beneath beside besides between beyond despite down during except inside like
    near outside past per plus since through throughout via while whereas although though because unless whether
    however meanwhile moreover furthermore nevertheless nonetheless therefore thus also still even only just again
    already always never often once soon later earlier then now today yesterday tomorrow tonight recently currently
    previously formerly eventually finally instead otherwise similarly likewise accordingly according reportedly
    allegedly apparently possibly perhaps probably maybe some any all both each every either neither no not none
    nobody nothing many much more most few fewer less least several other others another such same half least first
    second third fourth fifth sixth last next one two three four five six seven eight nine ten eleven twelve twenty
    thirteen fourteen fifteen sixteen seventeen eighteen nineteen anyone anybody anything everyone everybody everything
    someone somebody something apart nor whatever whichever whoever wherever whenever thanks together alone
    thirty forty fifty sixty seventy eighty ninety hundred hundreds thousand thousands million millions billion
    dozens is are was were be been being has have had do does did will would shall should can could may might must
    yes
    """.split()
)
# plain words that open a sentence of news
OPENERS = frozenset(
    """
    additional aid agreement aides allies analysts army articles asked attacks attendees authorities based border
    business campaigners capital children citizens city civilians claims closing coalition commanders companies
    concerning consumers country countries court critics crews current customers data dead deaths delegates
    delegations demand demonstrators deputies details diplomats director doctors doing drivers due each earnings
    economists elections emergency employees engineers evidence executives experts exports families fans farmers
    federal figures fighters fighting fire firefighters fishermen floods following food forces foreign former
    further gas given global government governments groups growth guards guests health heavy help hospitals imports
    inflation inspectors investigators investors islands joint journalists judges jurors key large lawmakers lawyers
    leaders leading letters local long low male female men militants military militias ministers ministries
    mediators meetings members migrants minors monitors nations negotiations negotiators neighbours neighbors news
    nuclear nurses observers officers official officials oil opponents organisers organizers opposition output
    owners parents parliament participants parties passengers patients peace people police political politicians
    polls power pressed prices prisoners private production prosecutors protesters protests provisions public pupils
    rain readers rebels refugees regional reporters reports representatives rescue rescuers researchers residents
    results rivals sales schools scientists security separately separatists shares ships shops signatories soldiers
    sources speaking spokespeople staff state statements states strikes strong students supporters survivors talks
    tax teachers temporary thieves tourists trade traders trains troops turnout unions vehicles victims villagers
    visitors volunteers voters wages war warships water weather witnesses women workers ban construction delivery
    flights funding neighbour neighbor opening operations plans repairs representing rules service services signing
    spending support work access accidents close activists admission ambulances analyses animals answers apartments
    applications appointments archaeologists artists assistance athletes average banks bids boats books bread bridges
    bus buses buyers candidates cars cases cash cattle changes cheap children churches clashes classes clinics clubs
    coaches collectors colleagues compensation competition concerts conditions contracts copies copper corn costs
    couples crops crowds damage debt debts defenders demand departures designers developers diesel discussions donors
    doses drought dry early earthquakes eggs electricity employers energy entrance entry envoys equipment errors
    evacuations exhibitions exact excess expenditure experienced extra factories failure fares farms fees films fines
    fish flat flooding floodwater foreigners forecasters forests free fresh fuel full funds games garbage gold goods
    grain guests half hard harvests heating heavy high historians holders homes horses hospitals hotels hours houses
    housing hundreds hunger ice illegal important income independent individual industry information initial insurers
    interest investment investments jobs journeys juries keepers labour land landlords landslides late laws lessons
    letters libraries licences light little loans lorries losses machines mail major managers manufacturers maps
    marches margins markets masks materials matches mayors meals measures meat medical medicine merchants metal
    meteorologists milk miners mines mining mistakes money monthly morale mortgage motorists mountaineers museums
    musicians national naval new night noise nobody numbers nursing oil old older open opinion orders organs outbreaks
    owners paintings papers parcels parking parts passports payments pensioners pensions performances permission
    permits personal petrol phone photographs physicians pilots players poor ports poverty pregnant presidential
    pressure previous price priests prison private prizes probes production products professional profit profits
    programmes progress projects promises proof property protection proposals publishers pumps questions radio railways
    rates ratings raw reactions recent records refunds relations relatives relief rent rents replacement research
    restaurants restoration retail revenue revenues rice riders rising rivers road roads rooms rubbish rural safety
    salaries salmon samples sanctions satellites savings school scores searches seats second-hand senior separate
    sewage shareholders sheep shelters shipping short shortages shots signs similar skiers small smoke snow social
    soil solar songs spectators speed sport staffing stations steel stocks stone storms streets strict strikers
    strong student subsidies sugar suppliers supplies surgeons surgery surveys suspects sweeping teams technicians
    tests tenants theatres thousands tickets timber time tickets today total towns traffic training translations
    transport travel travellers trees trials trucks tuition turnover two-thirds typical underground unemployment
    universities urban users vaccination vaccinations vaccines victory village violence visits volcanic votes voting
    walkers warnings waste waters waves weak wholesale wild winds wine winners winter wood young younger youth
    """.split()
)
ROLES = frozenset(
    """
    acting admiral adviser advisor ambassador archbishop ayatollah baroness bishop boss brigadier cabinet cardinal
    captain ceo chair chairman chairperson chairwoman chancellor chief coach co-founder colonel commander
    commissioner commission committee congressman congresswoman constable council councillor counsel crown defence
    defense delegate deputy director doctor dr envoy executive finance foreign founder general gen governor head
    imam inspector interior judge justice king lady lawyer leader lieutenant lt lord maj major manager marshal mayor
    minister ministry mr mrs ms mp officer parliament pope premier president prime prince princess prof professor
    prosecutor queen rear rep representative sec secretary sen senator sergeant sheikh sheik sir speaker special
    spokesman spokesperson spokeswoman supreme sultan treasurer vice undersecretary
    """.split()
)
CALENDAR = frozenset(
    """
    january february march april may june july august september october november december jan feb mar apr jun jul
    aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday
    """.split()
)
