package main

import (
	"context"
	"fmt"
	"io"

	"amiable/negotiation/day"
	"amiable/negotiation/interest"
)

// RatesCmd shows and enters the rates that late interest rests on.
type RatesCmd struct {
	Show  RatesShowCmd  `cmd:"" help:"Print the rates of this half-year and of those before it."`
	Enter RatesEnterCmd `cmd:"" help:"Enter the rates of a half-year, as they were published."`
}

// RatesShowCmd is `amiable rates show`.
type RatesShowCmd struct {
	Settings `embed:""`
	Halves   int `default:"4" placeholder:"N" help:"How many half-years."`
}

// Run prints the rates.
func (cmd *RatesShowCmd) Run(ctx context.Context, out io.Writer) error {
	i, err := open(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	halves, err := i.negotiation.Rates(ctx, max(1, min(cmd.Halves, 20)))
	if err != nil {
		return err
	}
	for _, half := range halves {
		for _, kind := range []interest.RateKind{interest.ECB, interest.LegalIndividual, interest.LegalOther} {
			line := "missing"
			if rate, ok := half.Known[kind]; ok {
				line = fmt.Sprintf("%s %%  %s", rate.Rate, rate.Source)
			}
			if _, err := fmt.Fprintf(out, "%s  %-29s %s\n", half.HalfYear, kind, line); err != nil {
				return err
			}
		}
	}
	return nil
}

// RatesEnterCmd is `amiable rates enter`.
type RatesEnterCmd struct {
	Settings        `embed:""`
	From            day.Day `required:"" placeholder:"YYYY-MM-DD" help:"A day of the half-year that the rates are of."`
	ECB             string  `name:"ecb" placeholder:"PERCENT" help:"The ECB's main refinancing rate in force on the first day of the half-year."`
	LegalIndividual string  `placeholder:"PERCENT" help:"Legal interest rate where the creditor is a private individual."`
	LegalOther      string  `placeholder:"PERCENT" help:"Legal interest rate in all other cases."`
	Source          string  `required:"" placeholder:"TEXT" help:"Where they were published: order and Journal officiel."`
}

// Run enters the rates.
func (cmd *RatesEnterCmd) Run(ctx context.Context, out io.Writer) error {
	i, err := open(ctx, cmd.Settings)
	if err != nil {
		return err
	}
	defer i.Close()
	half := interest.HalfYearOf(cmd.From)
	err = i.negotiation.EnterRates(ctx, operator, half, map[interest.RateKind]string{
		interest.ECB: cmd.ECB, interest.LegalIndividual: cmd.LegalIndividual, interest.LegalOther: cmd.LegalOther,
	}, cmd.Source)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(out, "the rates of %s are entered; what was allocated without them is allocated again within the hours\n", half)
	return err
}
