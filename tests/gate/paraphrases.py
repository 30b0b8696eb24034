"""Sentences as newspapers print them, each with an honest way to say the same. Written for these tests."""

PARAPHRASES: tuple[tuple[str, str], ...] = (
    (
        "The city council of Oxbridge voted 14 to 9 on Tuesday to close the Hallam Road library.",
        "Councillors in Oxbridge decided on Tuesday, by 14 votes to 9, to shut the library on Hallam Road.",
    ),
    (
        "Police in Porto arrested three men on 4 June 2021 over the theft of a Flemish altarpiece.",
        "Three men were arrested by Porto police on June 4, 2021, in connection with a stolen Flemish altarpiece.",
    ),
    (
        "Kenya's central bank raised its benchmark rate by 75 basis points to 9.5 percent.",
        "The Kenyan central bank lifted its main rate to 9.5% after an increase of 75 basis points.",
    ),
    (
        "The ferry Astrid sank off Gotland with 212 passengers aboard; all but four were rescued.",
        "The Astrid, a ferry with 212 passengers, sank off Gotland, and all except four people were rescued.",
    ),
    (
        "Foreign Minister Elena Markova said the treaty would be signed in Vienna in September 2024.",
        "The treaty would be signed in Vienna in September 2024, Foreign Minister Elena Markova said.",
    ),
    (
        "Roughly 1,480 households were without power on Friday after the storm, the utility Nordvolt said.",
        "About 1,500 households had no power on Friday following the storm, according to Nordvolt.",
    ),
    (
        "The company did not disclose the price it paid for the Leipzig plant.",
        "What the company paid for the Leipzig plant was not disclosed.",
    ),
    (
        "Scientists at the University of Turku found microplastics in 17 of 20 lakes they sampled.",
        "University of Turku scientists detected microplastics in seventeen of the twenty lakes sampled.",
    ),
    (
        "Exports of cocoa fell 12 per cent in the second quarter, the ministry reported.",
        "Cocoa exports dropped by 12% in the second quarter, the ministry said.",
    ),
    (
        "A spokesman for the Islamic Relief Agency denied that its trucks had been stopped at the border.",
        "The Islamic Relief Agency's spokesman denied its trucks were stopped at the border.",
    ),
    (
        "The court sentenced former mayor Dario Quint to six years in prison for taking bribes.",
        "Dario Quint, a former mayor, received a six-year prison sentence for bribery from the court.",
    ),
    (
        "Iranian and Omani negotiators met for a fourth time in Muscat on Sunday, May 11.",
        "Negotiators from Iran and Oman held their fourth meeting in Muscat on May 11.",
    ),
    (
        "The museum may reopen its east wing in spring, director Alma Reyes told reporters.",
        "Alma Reyes, the museum's director, said the east wing might reopen in spring.",
    ),
    (
        "Rebels claimed they had captured the airfield at Tessalit.",
        "The airfield at Tessalit was captured, rebels claimed.",
    ),
    (
        "More than 2.3 million people watched the final, the broadcaster said.",
        "The final drew over 2.3 million viewers, according to the broadcaster.",
    ),
    (
        "The United Nations said on March 3 that it had run out of funds for the camp.",
        "The UN said on 3 March that it had no funds left for the camp.",
    ),
    (
        "Qassem al-Tamimi, the provincial governor, inspected the dam with engineers from Turkey.",
        "Provincial governor Qasim al-Tamimi inspected the dam together with Turkish engineers.",
    ),
    (
        "The airline plans to hire 400 pilots over the next two years.",
        "Over the next two years the airline intends to recruit 400 pilots.",
    ),
    (
        "Two trains collided near Larissa shortly before midnight, killing at least 57 people.",
        "At least 57 people died when two trains collided near Larissa just before midnight.",
    ),
    (
        "The World Health Organization declared the outbreak over on 11 January.",
        "On January 11 the WHO declared an end to the outbreak.",
    ),
    (
        "Hungary blocked the statement, diplomats from two member states said.",
        "The statement was blocked by Hungary, according to diplomats of two member states.",
    ),
    (
        "Neither side would say whether prisoners had been exchanged.",
        "Neither of the two sides said whether prisoners were exchanged.",
    ),
    (
        "The vaccine was given to 38,000 volunteers in Brazil and South Africa.",
        "Volunteers in South Africa and Brazil, 38,000 of them, received the vaccine.",
    ),
    (
        "Inflation in Argentina reached 211 percent in 2023, the highest in three decades.",
        "Argentina's inflation hit 211% in 2023, a three-decade high.",
    ),
    (
        "The strike by dock workers entered its third week on Monday.",
        "On Monday the dockers' strike went into a third week of stoppage by workers.",
    ),
    (
        "Mayor Ruth Adeyemi unveiled a £40 million plan to bring trams back to Leeds by 2031.",
        "A plan worth 40 million pounds to return trams to Leeds by 2031 was unveiled by Mayor Ruth Adeyemi.",
    ),
    (
        "The defence ministry said one soldier was wounded and none were killed.",
        "One soldier was wounded and nobody was killed, the defence ministry said.",
    ),
    (
        "Zelensky flew to Ottawa after his talks in Washington ended.",
        "Zelenskyy travelled to Ottawa after the Washington talks.",
    ),
    (
        "Prosecutors accused the banker of moving $90 million to accounts in Cyprus.",
        "The banker was accused by prosecutors of shifting 90 million dollars to Cypriot accounts.",
    ),
    (
        "The glacier has retreated by 1.2 kilometres since 1990, researchers in Zurich calculated.",
        "Since 1990 the glacier has lost 1.2 km, researchers in Zurich calculated.",
    ),
    (
        "The reservoir is expected to be full again by the end of April.",
        "By the end of April the reservoir should be full again.",
    ),
    (
        "President Joao Lourenco has dismissed his finance minister, state radio reported on Saturday.",
        "State radio said on Saturday that the finance minister had been dismissed by President João Lourenço.",
    ),
    (
        "The bridge, closed since a barge struck it in 2022, will carry cars again from 1 October.",
        "Cars will be able to use the bridge again from October 1; it has been closed since a barge struck it in 2022.",
    ),
    (
        "Officials from the Food and Agriculture Organization warned that locusts could reach Sudan within weeks.",
        "Locusts could reach Sudan in a matter of weeks, FAO officials warned.",
    ),
    (
        "Parliament rejected the budget by a margin of five votes.",
        "The budget was turned down in parliament by five votes.",
    ),
    (
        "The orchestra's tour of Japan has been cancelled because of a dispute over pay.",
        "A pay dispute led to the cancellation of the orchestra's Japanese tour.",
    ),
    (
        "Hossein Rahimi won gold in the 86-kilogram class, Iran's first of the games.",
        "Iran's first gold of the games went to Hussein Rahimi in the 86 kg class.",
    ),
    (
        "The mine's owner, Cobalt Holdings, has not paid its 650 workers since November.",
        "Since November, Cobalt Holdings has failed to pay the 650 workers of the mine it owns.",
    ),
    (
        "A magnitude 6.1 earthquake shook the Aegean coast at 04:12 on Thursday; no injuries were reported.",
        "On Thursday at 04:12 an earthquake of magnitude 6.1 shook the Aegean coast, with no reports of injuries.",
    ),
    (
        "Tunisian coast guards intercepted 11 boats carrying 480 migrants between Friday and Sunday.",
        "Between Friday and Sunday, Tunisia's coast guards stopped eleven boats with 480 migrants.",
    ),
    (
        "The novel, first published in Lisbon in 1982, has been translated into 31 languages.",
        "There are translations into 31 languages of the novel, which first appeared in Lisbon in 1982.",
    ),
    (
        "Half of the pupils in the survey never eat breakfast, the Danish researchers wrote.",
        "The Danish researchers wrote that half of the surveyed pupils never have breakfast.",
    ),
    (
        "Maersk said it would reroute its ships around the Cape of Good Hope until the end of the year.",
        "Until the year's end Maersk will send ships around the Cape of Good Hope.",
    ),
    (
        "The opposition leader, Imran Sadiq, is under house arrest, his lawyer told the Herald.",
        "According to his lawyer, opposition leader Imran Sadiq is being held under house arrest.",
    ),
    (
        "Sweden's parliament ratified the agreement on 7 March 2023 with 269 votes in favour.",
        "With 269 votes in favour, the Swedish parliament ratified the agreement in March 2023.",
    ),
    (
        "Farmers blocked the A6 near Lyon for five hours in protest at fuel taxes.",
        "The A6 near Lyon was blocked for five hours by farmers protesting against fuel taxes.",
    ),
    (
        "Engineers restored water to 90 percent of Aleppo by Wednesday evening.",
        "By Wednesday evening 90% of Aleppo had water again, restored by engineers.",
    ),
    (
        "The startup lost 3.4 million euros last year on sales of 12 million.",
        "Last year the startup made a loss of €3.4 million while sales came to 12 million.",
    ),
    (
        "Lieutenant General Musa Okoro reportedly left the country on Sunday night.",
        "On Sunday night Lieutenant General Musa Okoro reportedly fled the country.",
    ),
    (
        "The zoo's last white rhino, a female called Nola, died on Christmas Eve aged 41.",
        "Nola, the zoo's last white rhino, died on Christmas Eve at the age of 41.",
    ),
    (
        "No date has been set for the next round, Qatari mediators said.",
        "Mediators from Qatar said there is no date yet for the next round.",
    ),
    (
        "A court in The Hague ordered the government to cut emissions by a quarter before 2030.",
        "The government was ordered by a court in The Hague to reduce emissions by a quarter before 2030.",
    ),
    (
        "The Norwegian Refugee Council opened three schools in Herat and two in Kandahar.",
        "Three schools in Herat and two in Kandahar were opened by the Norwegian Refugee Council.",
    ),
    (
        "Ticket prices will rise from 2.40 to 2.80 euros on 1 January, the transport authority announced.",
        "From 1 January tickets will cost 2.80 euros instead of 2.40, the transport authority announced.",
    ),
    ("The senator said he would not run again in 2026.", "The senator will not stand again in 2026, he said."),
    (
        "Beijing accused Manila of ramming a coast guard vessel near the shoal on August 19.",
        "China accused the Philippines of ramming a coast guard vessel near the shoal on 19 August.",
    ),
    (
        "Thousands of Serbs marched through Novi Sad on the anniversary of the station roof collapse that killed 15.",
        "In Novi Sad thousands marched on the anniversary of the station roof collapse in which 15 people were killed.",
    ),
    (
        "The telescope, built by Chile and Germany at a cost of $1.1 billion, saw first light on April 2.",
        "Built by Germany and Chile for 1.1 billion dollars, the telescope saw first light on April 2.",
    ),
    (
        "Coach Mirela Popescu resigned an hour after the 3-0 defeat in Cluj.",
        "An hour after losing 3-0 in Cluj, coach Mirela Popescu resigned.",
    ),
    (
        "The inspector could not rule out arson, but said an electrical fault was more likely.",
        "Arson could not be ruled out, although an electrical fault was more likely, the inspector said.",
    ),
    (
        "Unions and employers at the steelworks agreed on a 4.2 percent pay rise over 18 months.",
        "The two sides at the steelworks, unions and employers, agreed to raise pay by 4.2% over 18 months.",
    ),
    (
        "The ceasefire took effect at dawn on 10 October 2025, mediators from Egypt and Turkey confirmed.",
        "Egyptian and Turkish mediators confirmed that the ceasefire took effect at dawn on October 10, 2025.",
    ),
    (
        "Mohammad Javad Karimi was named head of the Atomic Energy Organization on Monday.",
        "On Monday the Atomic Energy Organization got a new head, Mohammed Javad Karimi.",
    ),
    (
        "The pipeline carries 1.5 million barrels a day from Kirkuk to Ceyhan.",
        "From Kirkuk to Ceyhan the pipeline moves 1,500,000 barrels a day.",
    ),
    (
        "Villagers said the army had promised to leave by the end of the month.",
        "The army promised to leave by the end of the month, villagers said.",
    ),
    (
        "Ireland and Spain will recognise the state on 28 May, both prime ministers said.",
        "The Irish and Spanish prime ministers said their two countries will recognise the state on May 28.",
    ),
    (
        "The film took $61 million in North America on its opening weekend, less than the studio had hoped.",
        "On its opening weekend the film earned $61 million in North America, below what the studio hoped for.",
    ),
    (
        "Dr Hanna Lindqvist, who led the trial, cautioned that the sample was too small to draw conclusions.",
        "The trial's leader, Dr Hanna Lindqvist, cautioned that no conclusions could be drawn from so small a sample.",
    ),
    (
        "The party won 34 of 120 seats and came second behind the Greens.",
        "The party finished second behind the Greens with 34 of the 120 seats.",
    ),
    (
        "Saudi Arabia's crown prince received Russian envoy Sergei Antonov in Jeddah.",
        "Russia's envoy Sergey Antonov was received by the Saudi crown prince in Jeddah.",
    ),
)
