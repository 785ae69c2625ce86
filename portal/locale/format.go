package locale

import (
	"strconv"
	"strings"
	"time"

	"amiable/negotiation/day"
	"amiable/negotiation/money"
)

// The invisible characters of good print.
const (
	nbsp     = "\u00a0" // before : % € and inside « »
	narrow   = "\u202f" // in thousands, and before ; ! ?
	minus    = "\u2212"
	ordinal1 = "1er" // the first of a month in French
)

var months = map[Language][12]string{
	French: {"janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août",
		"septembre", "octobre", "novembre", "décembre"},
	English: {"January", "February", "March", "April", "May", "June", "July", "August",
		"September", "October", "November", "December"},
}

var shortMonths = map[Language][12]string{
	French: {"janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août",
		"sept.", "oct.", "nov.", "déc."},
	English: {"Jan", "Feb", "Mar", "Apr", "May", "June", "July", "Aug",
		"Sept", "Oct", "Nov", "Dec"},
}

var weekdays = map[Language][7]string{
	French:  {"dimanche", "lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi"},
	English: {"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"},
}

// Amount writes a sum with its currency: "1 248,60 €", "€1,248.60",
// "−600,00 €". A currency other than the euro is named by its code.
func (l Language) Amount(a money.Amount) string {
	figures, sign := l.Figures(a), ""
	if unsigned, negative := strings.CutPrefix(figures, minus); negative {
		figures, sign = unsigned, minus
	}
	currency, euro := string(a.Currency), a.Currency == money.EUR || a.Currency == ""
	switch {
	case l.Or() == French && euro:
		return sign + figures + nbsp + "€"
	case l.Or() == French:
		return sign + figures + nbsp + currency
	case euro:
		return sign + "€" + figures
	}
	return sign + currency + nbsp + figures
}

// Figures writes a sum without its currency: "1 248,60", "1,248.60".
func (l Language) Figures(a money.Amount) string {
	minor, sign := uint64(a.Minor), ""
	if a.Minor < 0 {
		minor, sign = uint64(-(a.Minor+1))+1, minus
	}
	cents := strconv.FormatUint(minor%100, 10)
	if len(cents) == 1 {
		cents = "0" + cents
	}
	return sign + l.grouped(minor/100) + l.decimalPoint() + cents
}

// Entry writes a sum as a person types it in a field: "1248,60", "1248.60".
func (l Language) Entry(a money.Amount) string {
	figures := strings.NewReplacer(narrow, "", minus, "-").Replace(l.Figures(a))
	if l.Or() == English {
		figures = strings.ReplaceAll(figures, ",", "")
	}
	return figures
}

// Round writes a whole sum without cents where it has none: "60 €", "€60"; a
// sum with cents is written as Amount does.
func (l Language) Round(a money.Amount) string {
	if a.Minor%100 != 0 {
		return l.Amount(a)
	}
	return strings.Replace(l.Amount(a), l.decimalPoint()+"00", "", 1)
}

// Signed writes a sum with its sign even when positive: "+3,60 €".
func (l Language) Signed(a money.Amount) string {
	if a.IsPositive() {
		return "+" + l.Amount(a)
	}
	return l.Amount(a)
}

// Number writes a whole number with its thousands: "12 400", "12,400".
func (l Language) Number(n int64) string {
	if n < 0 {
		return minus + l.grouped(uint64(-(n+1))+1)
	}
	return l.grouped(uint64(n))
}

// Percent writes hundredths of a percent: 262 is "2,62 %", 2000 is "20 %".
func (l Language) Percent(basisPoints int64) string {
	figures := l.Figures(money.Amount{Minor: basisPoints})
	figures = strings.TrimSuffix(figures, l.decimalPoint()+"00")
	if l.Or() == French {
		return figures + nbsp + "%"
	}
	return figures + "%"
}

// Bytes writes the size of a file: "84 Ko", "2,1 Mo", "84 KB".
func (l Language) Bytes(n int64) string {
	units := [...]string{"o", "Ko", "Mo", "Go"}
	if l.Or() == English {
		units = [...]string{"B", "KB", "MB", "GB"}
	}
	unit, tenths := 0, max(n, 0)*10
	for tenths >= 10_000 && unit < len(units)-1 {
		tenths = (tenths + 500) / 1000
		unit++
	}
	text := strconv.FormatInt((tenths+5)/10, 10)
	if unit >= 2 && tenths%10 != 0 {
		text = strconv.FormatInt(tenths/10, 10) + l.decimalPoint() + strconv.FormatInt(tenths%10, 10)
	}
	return text + nbsp + units[unit]
}

// Day writes a day in full, for a date someone must act on: "mardi
// 24 novembre 2026", "Tuesday 24 November 2026". No day is written as nothing.
func (l Language) Day(d day.Day) string {
	if d.IsZero() {
		return ""
	}
	return weekdays[l.Or()][d.Weekday()] + " " + l.Date(d)
}

// Date writes a day without its weekday: "1er janvier 2027", "1 January 2027".
func (l Language) Date(d day.Day) string {
	if d.IsZero() {
		return ""
	}
	year, month, dayOfMonth := d.Date()
	return l.dayOfMonth(dayOfMonth) + nbsp + months[l.Or()][month-1] + " " + strconv.Itoa(year)
}

// ShortDay writes a day where the year is plain from its place: "24 nov.".
func (l Language) ShortDay(d day.Day) string {
	if d.IsZero() {
		return ""
	}
	_, month, dayOfMonth := d.Date()
	return l.dayOfMonth(dayOfMonth) + nbsp + shortMonths[l.Or()][month-1]
}

// ShortDate writes a day with its year in a table: "24 nov. 2026".
func (l Language) ShortDate(d day.Day) string {
	if d.IsZero() {
		return ""
	}
	year, _, _ := d.Date()
	return l.ShortDay(d) + nbsp + strconv.Itoa(year)
}

// DayMonth writes a day with its month in full and no year: "8 avril".
func (l Language) DayMonth(d day.Day) string {
	if d.IsZero() {
		return ""
	}
	_, month, dayOfMonth := d.Date()
	return l.dayOfMonth(dayOfMonth) + nbsp + months[l.Or()][month-1]
}

// Month writes the month of a day: "novembre 2026".
func (l Language) Month(d day.Day) string {
	if d.IsZero() {
		return ""
	}
	year, month, _ := d.Date()
	return months[l.Or()][month-1] + " " + strconv.Itoa(year)
}

// Time writes the hour that t's own clock shows: "18 h", "18 h 05", "18:05".
func (l Language) Time(t time.Time) string {
	if l.Or() == English {
		return t.Format("15:04")
	}
	text := strconv.Itoa(t.Hour()) + nbsp + "h"
	if t.Minute() != 0 {
		text += nbsp + t.Format("04")
	}
	return text
}

// Moment writes the day and hour that t's own clock shows, in full: "mardi
// 24 novembre 2026, 18 h 05". Convert t to the reader's zone before.
func (l Language) Moment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return l.Day(day.Of(t)) + ", " + l.Time(t)
}

// ShortMoment is Moment for a table: "24 nov. 2026, 18 h 05".
func (l Language) ShortMoment(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return l.ShortDate(day.Of(t)) + ", " + l.Time(t)
}

// Phone writes a French number as it stands on a letter: "05 36 49 12 30" for
// +33536491230. Another number is left as it is.
func (l Language) Phone(number string) string {
	digits := strings.NewReplacer(" ", "", ".", "", nbsp, "", narrow, "").Replace(number)
	if rest, found := strings.CutPrefix(digits, "+33"); found && len(rest) == 9 {
		digits = "0" + rest
	}
	if len(digits) != 10 || digits[0] != '0' || strings.Trim(digits, "0123456789") != "" {
		return number
	}
	pairs := make([]string, 0, 5)
	for i := 0; i < 10; i += 2 {
		pairs = append(pairs, digits[i:i+2])
	}
	return strings.Join(pairs, nbsp)
}

// List joins names: "cartes, virement et chèque".
func (l Language) List(items []string) string {
	if len(items) < 2 {
		return strings.Join(items, "")
	}
	and := " et "
	if l.Or() == English {
		and = " and "
	}
	return strings.Join(items[:len(items)-1], ", ") + and + items[len(items)-1]
}

func (l Language) decimalPoint() string {
	if l.Or() == French {
		return ","
	}
	return "."
}

func (l Language) grouped(n uint64) string {
	separator, digits := narrow, strconv.FormatUint(n, 10)
	if l.Or() == English {
		separator = ","
	}
	var b strings.Builder
	for i, digit := range digits {
		if i > 0 && (len(digits)-i)%3 == 0 {
			b.WriteString(separator)
		}
		b.WriteRune(digit)
	}
	return b.String()
}

func (l Language) dayOfMonth(n int) string {
	if n == 1 && l.Or() == French {
		return ordinal1
	}
	return strconv.Itoa(n)
}
