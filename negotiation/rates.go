package negotiation

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"gorm.io/gorm"

	"amiable/negotiation/interest"
)

// RatesEntered is the event of the agency when the rates of a half-year were
// entered.
const RatesEntered EventKind = "rates_entered"

// PublishedRate is a rate that was published after this version of the program
// was made, as it was entered. It is never changed: what was entered last for a
// half-year counts.
type PublishedRate struct {
	ID        string
	Kind      interest.RateKind
	FromOn    Day
	ToOn      Day
	Percent   string // as published: 2.15
	Source    string // the order and its place in the Journal officiel, or the ECB's decision
	ByID      string
	ByName    string
	CreatedAt time.Time
}

// RateKinds are the series that a half-year needs.
var RateKinds = []interest.RateKind{interest.ECB, interest.LegalIndividual, interest.LegalOther}

// ratesFor is how long a process may go on with the rates it has read: what
// another one entered is known here after that.
const ratesFor = time.Minute

// knownRates are those of the program with those that were entered, and when
// they were read by the wall's clock.
type knownRates struct {
	rates *interest.Rates
	at    time.Time
}

// ratesNow returns the published rates as the database has them.
func (s *Service) ratesNow(tx *gorm.DB) (*interest.Rates, error) {
	if known := s.rates.Load(); known != nil && time.Since(known.at) < ratesFor {
		return known.rates, nil
	}
	var rows []PublishedRate
	if err := tx.Session(&gorm.Session{NewDB: true}).Order("created_at, id").Find(&rows).Error; err != nil {
		return nil, fault(err, "published rates", "")
	}
	rates := interest.French()
	for _, row := range rows {
		more, err := row.table()
		if err == nil {
			rates, err = rates.With(more)
		}
		if err != nil {
			return nil, fault(err, "published rate", row.ID)
		}
	}
	s.rates.Store(&knownRates{rates, time.Now()})
	return rates, nil
}

// table is the row as a table of rates of its own.
func (r PublishedRate) table() (*interest.Rates, error) {
	source := strings.NewReplacer(`"`, "'", "\r", " ", "\n", " ").Replace(r.Source)
	text := fmt.Sprintf("# as of %s\n%s,%s,%s,%s,yes,\"%s\",entered\n", r.FromOn, r.Kind, r.FromOn, r.ToOn, r.Percent, source)
	return interest.ReadRates(strings.NewReader(text))
}

// EnterRates records the rates that hold for a half-year: those in force on its
// first day (C. com. L441-10 II; CMF L313-2). What was allocated while they
// were missing is allocated again by Realign.
func (s *Service) EnterRates(ctx context.Context, by Actor, half interest.HalfYear, percents map[interest.RateKind]string, source string) error {
	if err := by.only(RoleAdministrator, RoleSystem); err != nil {
		return err
	}
	if source = strings.TrimSpace(source); source == "" {
		return Refuse(Invalid, "rate_source_missing").On("source")
	}
	err := s.onAgency(ctx, func(t *Tx, a *Agency) error {
		if half.First().After(t.Today) {
			return Refuse(Invalid, "half_year_ahead").On("half_year").With("day", half.First())
		}
		entered := map[string]string{}
		for _, kind := range RateKinds {
			percent := strings.ReplaceAll(strings.TrimSpace(percents[kind]), ",", ".")
			if percent == "" {
				continue
			}
			rate, err := interest.ParseRate(percent)
			if err != nil || rate < 0 || rate > rateMost {
				return Refuse(Invalid, "rate_out_of_range").On(string(kind))
			}
			row := &PublishedRate{ID: newID(), Kind: kind, FromOn: half.First(), ToOn: half.Last(), Percent: percent, Source: source, ByID: by.ID, ByName: by.Name, CreatedAt: t.Now}
			if err := t.Insert(row); err != nil {
				return err
			}
			entered[string(kind)] = percent
		}
		if len(entered) == 0 {
			return Refuse(Invalid, "rate_missing").On(string(interest.ECB))
		}
		event, err := a.next(StreamAgency, a.ID, by, RatesEntered, map[string]any{"half_year": half.String(), "rates": entered, "source": source}, t.Now)
		if err != nil {
			return err
		}
		return t.Insert(event)
	})
	if err == nil {
		s.rates.Store(nil)
	}
	return err
}

// rateMost is more than any of these rates ever was; above it somebody slipped.
var rateMost = func() interest.Rate {
	most, err := interest.ParseRate("30")
	if err != nil {
		panic(err)
	}
	return most
}()

// HalfYearRates are the rates of one half-year; one that is not known is
// absent.
type HalfYearRates struct {
	HalfYear interest.HalfYear
	Known    map[interest.RateKind]interest.DatedRate
}

// Complete says whether nothing is missing.
func (h HalfYearRates) Complete() bool { return len(h.Known) == len(RateKinds) }

// Rates returns the rates of this half-year and of those before it, the latest
// first.
func (s *Service) Rates(ctx context.Context, halves int) ([]HalfYearRates, error) {
	today, err := s.Today(ctx)
	if err != nil {
		return nil, err
	}
	rates, err := s.ratesNow(s.db.Read(ctx))
	if err != nil {
		return nil, err
	}
	var list []HalfYearRates
	for half := interest.HalfYearOf(today); len(list) < halves; half = interest.HalfYearOf(half.First().Add(-1)) {
		known := map[interest.RateKind]interest.DatedRate{}
		for _, kind := range RateKinds {
			rate, err := rates.InForce(kind, half)
			var missing *interest.MissingRateError
			switch {
			case err == nil:
				known[kind] = rate
			case !errors.As(err, &missing):
				return nil, fault(err, "rates of", half.String())
			}
		}
		list = append(list, HalfYearRates{half, known})
	}
	return list, nil
}
