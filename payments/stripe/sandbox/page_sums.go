package sandbox

import (
	"strconv"
	"strings"
	"time"
)

const (
	narrowSpace = "\u202f"
	fixedSpace  = "\u00a0"
	trueMinus   = "\u2212"
)

var currencySigns = map[string]string{"eur": "€", "usd": "$", "gbp": "£", "jpy": "¥"}

// printSum writes an amount in minor units as the language prints it.
func printSum(lang string, minor int64, currency string) string {
	sign, magnitude := "", uint64(minor)
	if minor < 0 {
		sign, magnitude = trueMinus, -magnitude
	}
	whole, cents := magnitude, ""
	if !zeroDecimal[currency] {
		whole = magnitude / 100
		cents = strconv.FormatUint(magnitude%100+100, 10)[1:]
	}
	mark, known := currencySigns[currency]
	if !known {
		mark = strings.ToUpper(currency)
	}
	if lang == "fr" {
		if cents != "" {
			cents = "," + cents
		}
		return sign + grouped(whole, narrowSpace) + cents + fixedSpace + mark
	}
	if cents != "" {
		cents = "." + cents
	}
	if !known {
		mark += fixedSpace
	}
	return sign + mark + grouped(whole, ",") + cents
}

// grouped writes a whole number with a mark between thousands.
func grouped(n uint64, mark string) string {
	digits := strconv.FormatUint(n, 10)
	for at := len(digits) - 3; at > 0; at -= 3 {
		digits = digits[:at] + mark + digits[at:]
	}
	return digits
}

var months = map[string][]string{
	"fr": {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre"},
	"en": {"January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"},
}

// printMoment writes a day and an hour of the sandbox clock, which is UTC.
func printMoment(lang string, t time.Time) string {
	t = t.UTC()
	day := strconv.Itoa(t.Day())
	if lang == "fr" && t.Day() == 1 {
		day = "1er"
	}
	at := ", "
	if lang == "fr" {
		at = " à "
	}
	return day + fixedSpace + months[lang][t.Month()-1] + " " + strconv.Itoa(t.Year()) + at + t.Format("15:04") + fixedSpace + "UTC"
}
