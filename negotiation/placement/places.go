package placement

import "strings"

// currencies are the currencies in use (ISO 4217), with their decimals. Codes for
// metals, tests and units of account are no currencies to owe an invoice in.
var currencies = table(map[int]string{
	0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX VND VUV XAF XOF XPF",
	3: "BHD IQD JOD KWD LYD OMR TND",
	2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP " +
		"CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR " +
		"IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN " +
		"NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP " +
		"STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD XCG YER ZAR ZMW ZWG",
})

func table(byValue map[int]string) map[string]int {
	all := make(map[string]int, 256)
	for value, codes := range byValue {
		for _, code := range strings.Fields(codes) {
			all[code] = value
		}
	}
	return all
}

func set(words string) map[string]bool {
	all := make(map[string]bool, 256)
	for _, word := range strings.Fields(words) {
		all[word] = true
	}
	return all
}

// countryCodes are the codes of ISO 3166-1, and XK, which the post uses.
var countryCodes = set(`AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT
	BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ
	FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS
	IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML MM MN
	MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PR PS PT PW
	PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN
	TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW`)

// countryNames are French and English names, and the codes of three letters, of
// the countries that French creditors mostly invoice.
var countryNames = names(`FR france|fra|francemetropolitaine|republiquefrancaise
	BE belgique|belgium|bel CH suisse|switzerland|che LU luxembourg|lux MC monaco|mco
	DE allemagne|germany|deu ES espagne|spain|esp IT italie|italy|ita PT portugal|prt
	NL paysbas|netherlands|thenetherlands|hollande|nld GB royaumeuni|unitedkingdom|grandebretagne|greatbritain|angleterre|england|gbr|uk
	IE irlande|ireland|irl AT autriche|austria|aut DK danemark|denmark|dnk SE suede|sweden|swe NO norvege|norway|nor
	FI finlande|finland|fin PL pologne|poland|pol CZ tchequie|republiquetcheque|czechia|czechrepublic|cze
	SK slovaquie|slovakia|svk HU hongrie|hungary|hun RO roumanie|romania|rou BG bulgarie|bulgaria|bgr GR grece|greece|grc|el
	HR croatie|croatia|hrv SI slovenie|slovenia|svn EE estonie|estonia|est LV lettonie|latvia|lva LT lituanie|lithuania|ltu
	MT malte|malta|mlt CY chypre|cyprus|cyp IS islande|iceland|isl LI liechtenstein|lie AD andorre|andorra|and
	MA maroc|morocco|mar DZ algerie|algeria|dza TN tunisie|tunisia|tun SN senegal|sen CI cotedivoire|ivorycoast|civ
	US etatsunis|unitedstates|usa CA canada|can TR turquie|turkey|turkiye|tur
	RE lareunion|reunion GP guadeloupe MQ martinique GF guyane|guyanefrancaise|frenchguiana YT mayotte
	NC nouvellecaledonie|newcaledonia PF polynesiefrancaise|frenchpolynesia`)

// languageCodes are the codes of ISO 639-1 spoken in Europe and around it.
var languageCodes = set(`ar bg br bs ca co cs cy da de el en es et eu fa fi fr ga gl he hi hr hu hy is it ja ka ko lb lt
	lv mk mt nl nn no nb oc pl pt ro ru sk sl sq sr sv tr uk ur vi zh`)

var languageNames = names(`fr francais|french|fra|fre en anglais|english|eng de allemand|german|deutsch|deu|ger
	es espagnol|spanish|espanol|spa it italien|italian|italiano|ita nl neerlandais|dutch|nederlands|flamand|nld|dut
	pt portugais|portuguese|portugues|por ar arabe|arabic|ara tr turc|turkish|tur pl polonais|polish|pol
	ro roumain|romanian|ron|rum ru russe|russian|rus zh chinois|chinese|zho|chi`)

func names(list string) map[string]string {
	all := make(map[string]string, 256)
	words := strings.Fields(list)
	for i := 0; i+1 < len(words); i += 2 {
		for _, name := range strings.Split(words[i+1], "|") {
			all[name] = words[i]
		}
	}
	return all
}

// country returns the code of a country written as a code or by its name.
func country(s string) (string, bool) {
	if len(s) == 2 {
		if s[0] >= 'A' && s[0] <= 'Z' && s[1] >= 'A' && s[1] <= 'Z' {
			return s, countryCodes[s]
		}
		if code := strings.ToUpper(s); countryCodes[code] {
			return code, true
		}
	}
	code, known := countryNames[fold(s)]
	return code, known
}

// language returns the code of a language written as a code, as fr-FR, or by its
// name.
func language(s string) (string, bool) {
	if languageCodes[s] {
		return s, true
	}
	code := strings.ToLower(s)
	if len(code) == 5 && (code[2] == '-' || code[2] == '_') {
		code = code[:2]
	}
	if languageCodes[code] {
		return code, true
	}
	code, known := languageNames[fold(s)]
	return code, known
}
