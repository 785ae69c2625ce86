package sandbox

import "strings"

// Limits of what can be charged, in minor units.
const (
	usualMinimum  = 50
	largestAmount = 99999999
)

// minimums are the smallest charges where they are not fifty minor units
// (docs.stripe.com/currencies#minimum-and-maximum-charge-amounts).
var minimums = map[string]int64{
	"aed": 200, "bgn": 100, "czk": 1500, "dkk": 250, "gbp": 30, "hkd": 400, "huf": 17500, "jpy": 50, "mxn": 1000, "myr": 200,
	"nok": 300, "pln": 200, "ron": 200, "sek": 300, "thb": 1000,
}

// currencies are the ISO 4217 codes that can be presented.
var currencies = set("usd aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bif bmd bnd bob brl bsd bwp byn bzd cad cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd hnl htg huf idr ils inr isk jmd jpy kes kgs khr kmf krw kyd kzt lak lbp lkr lrd lsl mad mdl mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd pab pen pgk php pkr pln pyg qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs top try ttd twd tzs uah ugx uyu uzs vnd vuv wst xaf xcd xof xpf yer zar zmw")

// zeroDecimal currencies have no smaller unit.
var zeroDecimal = set("bif clp djf gnf jpy kmf krw mga pyg rwf ugx vnd vuv xaf xof xpf")

func set(words string) map[string]bool {
	made := map[string]bool{}
	for word := range strings.SplitSeq(words, " ") {
		made[word] = true
	}
	return made
}

func checkCurrency(param, currency string) *refusal {
	if !currencies[currency] {
		return invalid(param, "", "Invalid currency: %s. Stripe currently supports these currencies: the ISO codes of docs.stripe.com/currencies, in lower case.", currency)
	}
	return nil
}

// checkAmount refuses what no card payment may amount to.
func checkAmount(param string, amount int64, currency string) *refusal {
	if amount < 1 {
		return invalid(param, "parameter_invalid_integer", "This value must be greater than or equal to 1.")
	}
	least := int64(usualMinimum)
	if m, other := minimums[currency]; other {
		least = m
	}
	if amount < least {
		return invalid(param, "amount_too_small", "Amount must be at least %s", shown(least, currency))
	}
	if amount > largestAmount {
		return invalid(param, "amount_too_large", "Amount must be no more than %s", shown(largestAmount, currency))
	}
	return nil
}
