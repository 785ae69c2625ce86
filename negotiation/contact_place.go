package negotiation

import (
	"slices"
	"strings"
	"time"
)

// Place is where a person lives, as far as it decides when they may be
// contacted: a country ("BE"), or a part of France with a clock or holidays of
// its own ("FR-974"). It is kept with each contact made. An unknown one is the
// jurisdiction's own.
type Place string

// placeRule is what is particular to a place.
type placeRule struct {
	zone     string                  // of the IANA database; empty: the jurisdiction's
	holidays func(year int) [][2]int // month and day, beside the jurisdiction's own
}

// places are those that differ from mainland France, or might. Countries of
// several zones are left out: the jurisdiction's hours hold for them.
// Holidays of the overseas parts: C. trav. L3422-2 (abolition of slavery); of
// Alsace and Moselle: C. trav. L3134-13. Kept everywhere there, also where only
// some communes do.
var places = map[Place]placeRule{
	"FR":    {},
	"FR-57": {holidays: alsace}, "FR-67": {holidays: alsace}, "FR-68": {holidays: alsace},
	"FR-971": {"America/Guadeloupe", everyYear(5, 27)}, "FR-972": {"America/Martinique", everyYear(5, 22)}, "FR-973": {"America/Cayenne", everyYear(6, 10)},
	"FR-974": {"Indian/Reunion", everyYear(12, 20)}, "FR-975": {zone: "America/Miquelon"}, "FR-976": {"Indian/Mayotte", everyYear(4, 27)},
	"FR-977": {"America/St_Barthelemy", everyYear(10, 9)}, "FR-978": {"America/Marigot", everyYear(5, 28)},
	"FR-986": {zone: "Pacific/Wallis"}, "FR-987": {zone: "Pacific/Tahiti"}, "FR-988": {zone: "Pacific/Noumea"},
	"AD": {zone: "Europe/Andorra"}, "AT": {zone: "Europe/Vienna"}, "BE": {zone: "Europe/Brussels"}, "BG": {zone: "Europe/Sofia"},
	"CH": {zone: "Europe/Zurich"}, "CY": {zone: "Asia/Nicosia"}, "CZ": {zone: "Europe/Prague"}, "DE": {zone: "Europe/Berlin"},
	"DK": {zone: "Europe/Copenhagen"}, "EE": {zone: "Europe/Tallinn"}, "FI": {zone: "Europe/Helsinki"}, "GB": {zone: "Europe/London"},
	"GR": {zone: "Europe/Athens"}, "HR": {zone: "Europe/Zagreb"}, "HU": {zone: "Europe/Budapest"}, "IE": {zone: "Europe/Dublin"},
	"IT": {zone: "Europe/Rome"}, "LI": {zone: "Europe/Vaduz"}, "LT": {zone: "Europe/Vilnius"}, "LU": {zone: "Europe/Luxembourg"},
	"LV": {zone: "Europe/Riga"}, "MA": {zone: "Africa/Casablanca"}, "MC": {zone: "Europe/Monaco"}, "MT": {zone: "Europe/Malta"},
	"NL": {zone: "Europe/Amsterdam"}, "NO": {zone: "Europe/Oslo"}, "PL": {zone: "Europe/Warsaw"}, "RO": {zone: "Europe/Bucharest"},
	"SE": {zone: "Europe/Stockholm"}, "SI": {zone: "Europe/Ljubljana"}, "SK": {zone: "Europe/Bratislava"}, "TN": {zone: "Africa/Tunis"},
}

// overseasCodes are the codes that the overseas parts have as countries.
var overseasCodes = map[string]Place{
	"GP": "FR-971", "MQ": "FR-972", "GF": "FR-973", "RE": "FR-974", "PM": "FR-975", "YT": "FR-976", "BL": "FR-977", "MF": "FR-978",
	"WF": "FR-986", "PF": "FR-987", "NC": "FR-988",
}

// overseasTowns are the postcodes of places that share the first digits of
// another.
var overseasTowns = map[string]Place{"97133": "FR-977", "97150": "FR-978"}

func everyYear(month, dom int) func(int) [][2]int {
	return func(int) [][2]int { return [][2]int{{month, dom}} }
}

// alsace has Good Friday and the day after Christmas beside.
func alsace(year int) [][2]int {
	_, month, dom := easter(year).Add(-2).Date()
	return [][2]int{{int(month), dom}, {12, 26}}
}

// placeOf tells the place of an address.
func placeOf(country, postcode string) Place {
	country, postcode = strings.ToUpper(strings.TrimSpace(country)), strings.TrimSpace(postcode)
	place := Place(country)
	if part, overseas := overseasCodes[country]; overseas {
		return part
	}
	if country == "" || country == "FR" {
		place = "FR"
		if town, known := overseasTowns[postcode]; known {
			return town
		}
		for _, digits := range []int{3, 2} {
			if len(postcode) == 5 {
				if part := Place("FR-" + postcode[:digits]); places[part].zone != "" || places[part].holidays != nil {
					return part
				}
			}
		}
	}
	if _, known := places[place]; !known {
		return "FR"
	}
	return place
}

// Zone is the clock on the wall there.
func (p Place) Zone() *time.Location {
	if name := places[p].zone; name != "" {
		if zone, err := time.LoadLocation(name); err == nil { // compiled in; a test loads each
			return zone
		}
	}
	return Zone
}

// Holiday says whether a day is a public holiday there alone.
func (p Place) Holiday(d Day) bool {
	own := places[p].holidays
	if own == nil {
		return false
	}
	year, month, dom := d.Date()
	return slices.Contains(own(year), [2]int{int(month), dom})
}

// placeOfParty is where a party lives: the debtor, where the creditor says;
// anybody else, where the law is ours.
func (c *Case) placeOfParty(p *Party) Place {
	if p.Role != PartyDebtor || c.Debtor == nil {
		return placeOf("", "")
	}
	return placeOf(c.Debtor.Country, c.Debtor.Postcode)
}
