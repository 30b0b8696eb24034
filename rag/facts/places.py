"""A country's name in, the words that entail it out: its people's name, its capital, its usual short forms."""

from __future__ import annotations

# country = short forms and adjectives that stand for it / capital, which lies in it
_COUNTRIES = """
Afghanistan = Afghan Afghans / Kabul
Algeria = Algerian / Algiers
Argentina = Argentine Argentinian / Buenos-Aires
Armenia = Armenian / Yerevan
Australia = Australian / Canberra
Austria = Austrian / Vienna
Azerbaijan = Azerbaijani Azeri / Baku
Bahrain = Bahraini / Manama
Bangladesh = Bangladeshi / Dhaka
Belarus = Belarusian / Minsk
Belgium = Belgian / Brussels
Brazil = Brazilian / Brasilia
Britain = British Briton Britons UK United-Kingdom / London
Bulgaria = Bulgarian / Sofia
Canada = Canadian / Ottawa
Chile = Chilean / Santiago
China = Chinese PRC / Beijing
Colombia = Colombian / Bogota
Croatia = Croatian Croat / Zagreb
Cuba = Cuban / Havana
Cyprus = Cypriot / Nicosia
Czechia = Czech Czechs Czech-Republic / Prague
Denmark = Danish Dane Danes / Copenhagen
Egypt = Egyptian / Cairo
England = English / London
Estonia = Estonian / Tallinn
Ethiopia = Ethiopian / Addis-Ababa
Finland = Finnish Finn Finns / Helsinki
France = French Frenchman Frenchwoman / Paris
Gaza = Gazan Gazans
Georgia = Georgian / Tbilisi
Germany = German Germans / Berlin
Ghana = Ghanaian / Accra
Greece = Greek Greeks / Athens
Hungary = Hungarian / Budapest
Iceland = Icelandic Icelander / Reykjavik
India = Indian / Delhi
Indonesia = Indonesian / Jakarta
Iran = Iranian / Tehran
Iraq = Iraqi / Baghdad
Ireland = Irish Irishman / Dublin
Israel = Israeli
Italy = Italian / Rome
Japan = Japanese / Tokyo
Jordan = Jordanian / Amman
Kazakhstan = Kazakh Kazakhs / Astana
Kenya = Kenyan / Nairobi
Kurdistan = Kurdish Kurd Kurds
Kuwait = Kuwaiti
Latvia = Latvian / Riga
Lebanon = Lebanese / Beirut
Libya = Libyan / Tripoli
Lithuania = Lithuanian / Vilnius
Malaysia = Malaysian / Kuala-Lumpur
Mexico = Mexican
Morocco = Moroccan / Rabat
Netherlands = Dutch Dutchman Holland / Amsterdam
New-Zealand = NZ / Wellington
Nigeria = Nigerian / Abuja
North-Korea = DPRK / Pyongyang
Norway = Norwegian / Oslo
Oman = Omani / Muscat
Pakistan = Pakistani / Islamabad
Palestine = Palestinian
Peru = Peruvian / Lima
Philippines = Philippine Filipino Filipinos / Manila
Poland = Polish Pole Poles / Warsaw
Portugal = Portuguese / Lisbon
Qatar = Qatari / Doha
Romania = Romanian / Bucharest
Russia = Russian Russian-Federation / Moscow
Saudi-Arabia = Saudi Saudis KSA / Riyadh
Scotland = Scottish Scot Scots / Edinburgh
Senegal = Senegalese / Dakar
Serbia = Serbian Serb Serbs / Belgrade
Slovakia = Slovak Slovaks / Bratislava
Slovenia = Slovene Slovenian / Ljubljana
Somalia = Somali / Mogadishu
South-Africa = / Pretoria
South-Korea = ROK / Seoul
Spain = Spanish Spaniard Spaniards / Madrid
Sudan = Sudanese / Khartoum
Sweden = Swedish Swede Swedes / Stockholm
Switzerland = Swiss / Bern
Syria = Syrian / Damascus
Taiwan = Taiwanese / Taipei
Thailand = Thai Thais / Bangkok
Tunisia = Tunisian / Tunis
Turkey = Turkish Turk Turks Türkiye Turkiye / Ankara
Ukraine = Ukrainian / Kyiv
United-Arab-Emirates = UAE Emirati Emirates / Abu-Dhabi
United-Nations = UN
European-Union = EU European
United-States = US USA America American Americans United-States-of-America / Washington
Venezuela = Venezuelan / Caracas
Vietnam = Vietnamese / Hanoi
Wales = Welsh / Cardiff
Yemen = Yemeni / Sanaa
"""


def _fold(name: str) -> str:
    return name.casefold().replace(".", "").replace("-", " ")


def _read() -> tuple[dict[str, str], dict[str, str]]:
    countries: dict[str, str] = {}
    capitals: dict[str, str] = {}
    for line in _COUNTRIES.strip().splitlines():
        country, _, rest = line.partition(" = ")
        forms, _, capital = rest.partition("/ ")
        countries |= {_fold(form): country for form in (country, *forms.split())}
        capitals |= {_fold(capital): country} if capital else {}
    return countries, capitals


_COUNTRY_OF, _CAPITAL_OF = _read()


def country_of(name: str) -> str:
    """Name the country that a name or an adjective stands for ("Iranian", "U.S."), or give ""."""
    folded = _fold(name)
    return _COUNTRY_OF.get(folded) or _COUNTRY_OF.get(folded.removesuffix("s"), "")


def country_around(name: str) -> str:
    """Name the country that a place lies in or a word stands for: the claim "in Iran" follows from "in Tehran"."""
    return country_of(name) or _CAPITAL_OF.get(_fold(name), "")
